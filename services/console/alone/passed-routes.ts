/** What a console alone passes on: what its page asks for, the sign-in and the account. */
export const passedRoutes: readonly string[] = [
  'GET /me',
  'POST /refresh',
  'POST /step-up',
  'GET /overview',
  'GET /audit/events',
  'GET /audit/tail',
  'GET /audit/questions/held',
  'GET /audit/questions/tokens',
  'GET /audit/questions/acts',
  'GET /audit/questions/refusals',
  'GET /audit/questions/used-after',
  'GET /audit/questions/new-addresses',
  'GET /sessions/search',
  'GET /sessions/:sid',
  'POST /revocations',
  'GET /users',
  'GET /users/:sub',
  'PATCH /users/:sub',
  'POST /users/:sub/erase',
  'GET /users/:sub/sessions',
  'GET /guards',
  'GET /clients',
  'GET /receivers',
  'GET /settings',
  'GET /keys',
  'POST /keys/:ring/rotate',
  'GET /dead-letters',
  'GET /dead-letters/:offset',
  'POST /dead-letters/:offset/retry',
  'POST /dead-letters/:offset/drop',
  'GET /sign-in',
  'POST /sign-in',
  'GET /sign-out',
  'POST /sign-out',
  'GET /account',
  'POST /account/sessions/end',
  'POST /account/sessions/end-others',
  'POST /account/password',
  'GET /account/data',
]

const decodingsMax = 4

/** Whether somebody between here and the gateway could read another path out of it. */
const isTreacherous = (segment: string): boolean => {
  let text = segment
  for (let depth = 0; depth < decodingsMax; depth += 1) {
    if (/[\0-\x1f\x7f]/.test(text)) return true
    if (text.split(/[/\\]/).some((part) => part === '.' || part === '..')) return true
    let next: string
    try {
      next = decodeURIComponent(text)
    } catch {
      return true
    }
    if (next === text) return false
    text = next
  }
  return true
}

/** As `encodeURIComponent` writes it. */
const parameter = /^(?:[A-Za-z0-9_.!~*'()-]|%[0-9A-Fa-f]{2})+$/

const fits = (wanted: string, given: string): boolean =>
  wanted.startsWith(':') ? parameter.test(given) && !isTreacherous(given) : given === wanted

const rows = passedRoutes.map((row) => {
  const [method = '', path = ''] = row.split(' ')
  return { method, segments: path.split('/') }
})

/** Whether a request for this path below the base path is passed on, as it is written. */
export const isPassed = (method: string, path: string): boolean => {
  const asked = method === 'HEAD' ? 'GET' : method
  const given = path.split('/')
  return rows.some(
    (row) =>
      row.method === asked &&
      row.segments.length === given.length &&
      row.segments.every((segment, at) => fits(segment, given[at] ?? '')),
  )
}
