// Limits of a node and of the streams that carry its links. docs/limits.md explains each; a test compares the two.

/** Most bytes that the transport may send on one stream before they are read. */
export const streamWindowBytes = 4_194_304;
/**
 * Most unread bytes of one stream before libp2p resets it. Above the window, so that a paused reader is never reset.
 */
export const streamReadBytesMax = 8_388_608;
/** Longest time that a stream may take to end once both sides were told. */
export const streamCloseMs = 5_000;
/** Longest time of a dial, including stream and hello. */
export const dialTimeoutMs = 15_000;
/** Most connections of one node. */
export const nodeConnectionsMax = 300;
/** Most connections of strangers from one host. */
export const nodeConnectionsPerHostMax = 64;
/** Most connections of one peer. */
export const nodeConnectionsPerPeerMax = 2;
/** Most paying peers whose connections strangers cannot displace. */
export const nodeValuedPeersMax = 128;
/** How long after a paid answer the questions of strangers count against their budget. */
export const nodePaidRecentMs = 1_000;
/** Handshakes that one host may start per second, on average. */
export const nodeInboundPerSecondMax = 10;
/** Most handshakes of one host in progress, and started at once. */
export const nodeInboundPerHostMax = 64;
/** Most handshakes in progress or waiting, for all hosts together. */
export const nodeInboundPendingMax = 1_024;
/** Pause between the starts of two handshakes. */
export const nodeHandshakePauseMs = 40;
/** The same while somebody pays. A handshake takes some 18 ms of the thread that answers. */
export const nodeHandshakeBesidePaidPauseMs = 200;
/** Most hosts whose handshakes are counted. */
export const nodeHostsKeptMax = 4_096;
/** Longest time that a connection may exist without a link. */
export const nodeLinklessMs = 10_000;
/** Most relay streams of one connection in each direction: one is in use, one may be ending. */
export const nodeStreamsMax = 2;
/** Most bytes held for all links of one node. */
export const nodeHeldBytesMax = 268_435_456;
/** Most bytes of records remembered for all links together that this node dialled. */
export const nodeRecordsBytesMax = 268_435_456;
/** The same for all links that others dialled. */
export const nodeInboundRecordsBytesMax = 67_108_864;
/** A link's memory for records is at most this part of what no other link has. */
export const nodeRecordsShare = 16;
/** Silence after which a connection counts as lost. */
export const peerSilenceMs = 20_000;
