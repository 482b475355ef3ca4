/**
 * Words and shapes that packed values name by number. Both lists are part of the stored format:
 * entries are added at the end, and never changed, moved or removed. What is missing here is stored
 * all the same, in a few bytes more.
 */

const headers = ['content-type', 'ce_specversion', 'ce_id', 'ce_type', 'ce_source', 'ce_time']
const alwaysHeaders = [...headers, 'ce_dataschema']
/** Headers of which a record may have some; those that it has come in this order. */
const someHeaders = ['ce_subject', 'ce_fleet', 'ce_actor', 'ce_request', 'curfew-mac']
const headerSets = Array.from({ length: 2 ** someHeaders.length }, (_, set) => [
  ...alwaysHeaders,
  ...someHeaders.filter((_name, bit) => (set >> bit) % 2 === 1),
])

const personalHeaderSets = headerSets
  .filter((names) => names.includes('curfew-mac'))
  .map((names) => [...names.slice(0, -1), 'ce_personal', 'curfew-mac'])

const rareEvents = [
  ...['LoginFailed', 'ReuseDetected', 'GraceReplayed', 'LoginLimited', 'OriginRefused'],
  ...['AccessDenied', 'RevocationsSurged', 'UserCreated', 'PasswordChanged', 'UserDisabled'],
  ...['UserEnabled', 'UserDeleted', 'RolesChanged', 'LifetimeRaised'],
]

/** The first 128 take one byte, others two. */
export const words: readonly string[] = [
  ...['', 'curfew', 'live', 'dead', 'pair', 'sliding', 'o', 'r', 'access', 'refresh', 'login'],
  ...['token', 'session', 'subject', 'client', 'all', 'rotated', 'logout', 'logout_all', 'reuse'],
  ...['revoked', 'user', 'administrator', 'service', 'system', 'closed', 'nobody'],
  ...['TokenIssued', 'curfew.TokenIssued', 'urn:curfew:schema:curfew.TokenIssued:1'],
  ...['TokenRevoked', 'curfew.TokenRevoked', 'urn:curfew:schema:curfew.TokenRevoked:2'],
  ...['curfew.Revocation', 'urn:curfew:schema:curfew.Revocation:1'],
  ...['curfew.ClosedTime', 'urn:curfew:schema:curfew.ClosedTime:2'],
  ...['application/json', '1.0', '127.0.0.1', '::1'],
  ...['s/', 'u/', 'c/', 'j/', 'x/', 'jti:', 'sid:', 'sub:', 'client:', 'closed:', 'user:'],
  ...[':0', ':1', ':2', ':0:0', ':0:1', ':1:0', ':1:1', ':1:2'],
  ...['format', 'id', 's', 'v', 'at', 'events', 'claim', 'kind', 'cutoff', 'longestMs'],
  ...['expiresAt', 'type', 'version', 'data', 'key', 'headers', 'value', 'address', 'agent'],
  ...['sub', 'sid', 'jti', 'iat', 'exp', 'cause', 'replaces', 'scope', 'reason', 'revokedAt'],
  ...['actor', 'by', 'list', 'idx', 'listed', 'sealed', 'untilClosed', 'unlisted', 'recent'],
  ...['current', 'published', 'logId', 'offset', 'listedUntil', 'standingUntil', 'until'],
  ...['status', 'epoch', 'startedAt', 'accessExpMax', 'expMax', 'ended'],
  ...['username', 'roles', 'account', 'limit', 'method', 'path', 'code'],
  ...['password_changed', 'user_disabled', 'user_deleted', 'restored', 'logged_in_again'],
  ...['session_limit', 'unknown_user', 'wrong_password', 'inactive', 'strangers', 'gateway'],
  ...['directory', 'admin', 'staff', 'POST', 'GET'],
  ...[...alwaysHeaders, ...someHeaders, 'request', 'administrator:', 'service:', 'system:'],
  ...rareEvents,
  ...rareEvents.map((type) => `curfew.${type}`),
  ...rareEvents.map((type) => `urn:curfew:schema:curfew.${type}:1`),
  ...rareEvents.slice(7, 13).map((type) => `urn:curfew:schema:curfew.${type}:2`),
  ...['personal', 'ce_personal'],
]

const issued = ['sub', 'client', 'sid', 'cause', 'replaces', 'address', 'agent']
const revoked = ['scope', 'key', 'reason', 'cutoff', 'sub', 'sid', 'revokedAt', 'expiresAt']
const ofSession = ['status', 'sid', 'sub', 'client', 'epoch', 'startedAt']
const afterSession = ['cutoff', 'longestMs', 'expiresAt', 'id', 'at', 'events', 'claim', 'kind']
const state = ['kind', 'at', 'expiresAt', 'published']
const rotation = ['recent', 'unlisted', 'accessExpMax', 'expMax']

/** Objects by their members, in this order: those that are stored often. */
export const shapes: readonly (readonly string[])[] = [
  ['format', 'session', ...afterSession],
  ['format', 'session', ...afterSession, 'request'],
  [...ofSession, 'current', 'access', ...rotation],
  [...ofSession, 'current', 'access', ...rotation, 'untilClosed'],
  [...ofSession, 'current', 'access', ...rotation, 'sealed'],
  [...ofSession, 'accessExpMax', 'expMax', 'sliding'],
  [...ofSession, 'sliding', 'accessExpMax', 'expMax'],
  ['token', 'refreshExp'],
  ['sub', 'client', 'all'],
  ['version', 'token'],
  ['jti', 'iat', 'exp'],
  ['jti', 'iat', 'exp', 'listed'],
  ['list', 'idx'],
  ['version', 'jti', 'at'],
  ['s', 'v'],
  ['type', 'version', 'data'],
  ['kind', 'jti', 'iat', 'exp', ...issued],
  [...revoked, 'refresh', 'actor', 'address', 'agent'],
  ['reason', 'sub', 'account', 'address', 'agent'],
  ['sub', 'sid', 'jti', 'version', 'address', 'agent'],
  ['by', 'id'],
  ['jti', 'exp'],
  state,
  [...state, 'listedUntil'],
  [...state, 'listedUntil', 'standingUntil'],
  [...state, 'standingUntil'],
  ['logId', 'offset'],
  ['v', 'state'],
  ['key', 'headers', 'value', 'at'],
  ['t', 'logId', 'low'],
  ['key', 'cutoff', 'expiresAt', 'reason', 'revokedAt'],
  ['sid', 'sub', 'client', 'kind', 'first', 'last', 'expiresAt', 'ended', 'keepUntil'],
  ['version', 'at', 'address', 'agent'],
  ['version', 'at', 'reason'],
  ['cutoff', 'reason', 'revokedAt', 'id', 'position', 'key', 'expiresAt'],
  ['id', 'cutoff'],
  ['end', 'at', 'closed', 'swept'],
  ['end', 'at', 'closed', 'swept', 'retentionMs'],
  ['t', 'logId', 'acknowledged', 'closed'],
  ['t', 'logId', 'position'],
  [
    'sub',
    'id',
    'username',
    'passwordHash',
    'roles',
    'active',
    'createdAt',
    'due',
    'knownAddresses',
  ],
  ['id', 'idx', 'jti', 'sid', 'sub', 'client', 'epoch'],
  ...headerSets,
  ['format', 'session', ...afterSession, 'request', 'personal'],
  ['format', 'session', ...afterSession, 'personal'],
  ['version', 'at', 'address', 'agent', 'personal'],
  ...personalHeaderSets,
]
