const describe = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error)

/**
 * The child's side of a `Worker`: answers requests until the parent lets go, then closes and ends.
 */
export const serve = <Request, Reply>(
  answer: (request: Request) => Promise<Reply>,
  close: () => Promise<void> = async () => {},
): void => {
  process.on('message', (request: Request) => {
    answer(request).then(
      (reply) => process.send?.({ reply }),
      (error: unknown) => process.send?.({ error: describe(error) }),
    )
  })
  // A parent that died lets go too, so no worker outlives its bench.
  process.once('disconnect', () => {
    void close().finally(() => process.exit(0))
  })
}
