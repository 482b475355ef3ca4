/**
 * The `code` of what was thrown: a string of Node's (`ENOENT`), a number of a database's; `null`
 * when it has none.
 */
export const errorCode = (error: unknown): string | number | null => {
  const code = (error as { code?: unknown } | null | undefined)?.code
  return typeof code === 'string' || typeof code === 'number' ? code : null
}
