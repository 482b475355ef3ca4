/** What a server says of a service client, and which setting mends it; `null` of another status. */
export const clientRefusal = (
  { origin, pathname }: URL,
  { client, status, permission }: Readonly<{ client: string; status: number; permission: string }>,
): string | null => {
  const where = `${origin}${pathname}`
  if (status === 401) {
    const fix = 'clientId and secret must be of one of its CURFEW_SERVICE_CLIENTS'
    return `${where} does not know ${client} (401): ${fix}`
  }
  if (status !== 403) return null
  const fix = `give it the permission ${permission} in CURFEW_SERVICE_CLIENTS`
  return `${where} refuses ${client} (403): ${fix}`
}
