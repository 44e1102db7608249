// Bounds of the link that both sides share, and of the node that carries it. docs/limits.md explains each; a test compares the two.

/** Unanswered asks and calls a node accepts on one link. */
export const linkRequestsMax = 256;
/** Bytes of unanswered asks and calls a node holds for one link. */
export const linkRequestsBytesMax = 4_194_304;
/** Bytes of answers and results sent ahead of credit on one link. */
export const linkWindowBytes = 4_194_304;
/** Credit goes out by itself once this share of the window was consumed, one in so many; below, with the next frame. */
export const creditShareOfWindow = 8;
/** How long consumed bytes wait for a frame to take their credit along. */
export const creditHoldMs = 200;
/** Own asks and calls that wait for a place on one link. */
export const linkQueueMax = 1_024;
/** Bytes handed to the transport in one write. */
export const linkBatchBytesMax = 262_144;
/** Longest head of a call. */
export const callHeadBytesMax = 1_048_576;
/** Longest head of hello, credit and cancel frames. */
export const controlHeadBytesMax = 256;
/** Longest head of a refusal. */
export const refusalHeadBytesMax = 16_384;
/** Longest message of a refusal that this node writes. */
export const refusalMessageBytesMax = 2_048;
/** First size of the buffer of a frame that arrives in pieces; it doubles from there. */
export const frameBufferBytesStart = 65_536;
/** How long the first frame of the peer may take. */
export const helloTimeoutMs = 10_000;
/** How long an ask or a call waits unless its caller says otherwise. */
export const askTimeoutMs = 30_000;
/** The longest wait a caller may ask for. */
export const askTimeoutMsMax = 300_000;
/** How long a handler may work on one ask or call of the peer. */
export const handlerTimeoutMs = 120_000;
/** How long queued output may go without any progress. */
export const linkStallMs = 60_000;
/** How long the peer may take to answer what this side cancelled. */
export const abandonedTimeoutMs = 240_000;
/** Bytes the transport may send on one stream before they are read. */
export const streamWindowBytes = 4_194_304;
/** Bytes of one stream held unread before libp2p resets it; above the window, so that a paused reader is never reset. */
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
/** Handshakes that one host may begin in one second, on the long run. */
export const nodeInboundPerSecondMax = 10;
/** Handshakes of one host at work, and begun at once. */
export const nodeInboundPerHostMax = 64;
/** Handshakes at work or waiting, all hosts together. */
export const nodeInboundPendingMax = 1_024;
/** Pause between the beginnings of two handshakes. */
export const nodeHandshakePauseMs = 40;
/** Hosts whose handshakes are counted. */
export const nodeHostsKeptMax = 4_096;
/** How long a connection may be without a link. */
export const nodeLinklessMs = 10_000;
/** Relay streams of one connection, each way: one is used, one may be ending. */
export const nodeStreamsMax = 2;
/** Bytes held for all links of one node. */
export const nodeHeldBytesMax = 268_435_456;
/** Calls, cancels and refused questions of a stranger's link in one second, on the long run. */
export const strangerCallsPerSecond = 50;
/** Those it may make at once. */
export const strangerCallsBurst = 500;
/** Silence after which a connection counts as lost. */
export const peerSilenceMs = 20_000;
/** When a peer refused for too many request bytes is told to try again. */
export const overloadedRetryMs = 1_000;
