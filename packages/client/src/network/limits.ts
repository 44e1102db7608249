// Bounds of a node and of the streams that carry its links. docs/limits.md explains each; a test compares the two.

/** Bytes the transport may send on one stream before they are read. */
export const streamWindowBytes = 4_194_304;
/**
 * Bytes of one stream held unread before libp2p resets it; above the window, so that a paused reader is never reset.
 */
export const streamReadBytesMax = 8_388_608;
/** How long a stream may take to end once both sides were told. */
export const streamCloseMs = 5_000;
/** How long a dial may take, stream and hello included. */
export const dialTimeoutMs = 15_000;
/** Connections of one node. */
export const nodeConnectionsMax = 300;
/** Connections of strangers from one host. */
export const nodeConnectionsPerHostMax = 64;
/** Connections of one peer. */
export const nodeConnectionsPerPeerMax = 2;
/** Paying peers whose connections strangers cannot take the place of. */
export const nodeValuedPeersMax = 128;
/** How long after a paid answer the questions of strangers count against their pace. */
export const nodePaidRecentMs = 1_000;
/** Handshakes that one host may begin in one second, on the long run. */
export const nodeInboundPerSecondMax = 10;
/** Handshakes of one host at work, and begun at once. */
export const nodeInboundPerHostMax = 64;
/** Handshakes at work or waiting, all hosts together. */
export const nodeInboundPendingMax = 1_024;
/** Pause between the beginnings of two handshakes. */
export const nodeHandshakePauseMs = 40;
/** The same while somebody pays: a handshake takes some 18 ms of the thread that answers. */
export const nodeHandshakeBesidePaidPauseMs = 200;
/** Hosts whose handshakes are counted. */
export const nodeHostsKeptMax = 4_096;
/** How long a connection may be without a link. */
export const nodeLinklessMs = 10_000;
/** Relay streams of one connection, each way: one is used, one may be ending. */
export const nodeStreamsMax = 2;
/** Bytes held for all links of one node. */
export const nodeHeldBytesMax = 268_435_456;
/** Silence after which a connection counts as lost. */
export const peerSilenceMs = 20_000;
