/** Longest message of the Model Context Protocol, in bytes: a hundred documents of the longest text. */
export const mcpBodyBytesMax = 8_388_608;
