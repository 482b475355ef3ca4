/**
 * lmdb-js keeps the list of free pages in memory from one transaction to the next, which LMDB does
 * not, and writes back only what it thinks has changed. When the list begins at another entry than
 * before, it looks for entries that were never written: in 3.5.6 that ended a service whose file
 * another process had filled ("Freelist record not found", SIGABRT), or failed a commit. With a
 * list of 0 pages kept, each transaction reads what it needs anew and writes that whole. It costs
 * nothing that could be measured.
 */
export const freePages = {
  maxFreeSpaceToRetain: 0,
  // Read at most: when nothing among so many fits, the file grows.
  maxFreeSpaceToLoad: 5_000,
}
