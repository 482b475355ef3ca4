import type { AuthErrorCode } from '../../../kernel/errors.ts'

export type StoreCode = Extract<AuthErrorCode, `STORE_${string}`>
/** What a server's refusal means, and what to do; `fix` is `null` where waiting is all. */
export type ServerRefusal = Readonly<{ code: StoreCode; what: string; fix: string | null }>

/** What is known of the refusal: its number, the server's words, and what was asked for. */
export type Refusal = Readonly<{ number: number; text: string; namespace: string }>

const waiting = (what: string, fix: string | null = null): ServerRefusal => ({
  code: 'STORE_UNAVAILABLE',
  what,
  fix,
})
const wrong = (what: string, fix: string): ServerRefusal => ({
  code: 'STORE_MISCONFIGURED',
  what,
  fix,
})

const denied = ({ text, namespace }: Refusal): ServerRefusal => {
  if (/requires authentication/i.test(text)) {
    const fix = 'put user:password@ into CURFEW_MONGODB_URL'
    return { code: 'STORE_DENIED', what: 'the server wants a login', fix }
  }
  const action =
    /\(action: (\w{1,40})\)/.exec(text)?.[1] ?? /execute command \{ (\w{1,40}):/.exec(text)?.[1]
  const [database = ''] = namespace.split('.')
  return {
    code: 'STORE_DENIED',
    what: `the user may not ${action ?? 'do this'} on ${namespace}`,
    fix: `grant it readWrite on ${database} (db.grantRolesToUser)`,
  }
}

const loginRefused = (): ServerRefusal => ({
  code: 'STORE_DENIED',
  what: 'authentication failed',
  fix:
    'CURFEW_MONGODB_URL needs the right user and password, percent-encoded (a % is %25), and ' +
    'authSource with the database that the user was made in, often admin',
})

const conflict = ({ text, namespace }: Refusal): ServerRefusal => {
  const [, name] = /name: "([\w.-]{1,64})"/.exec(text) ?? []
  const collection = namespace.split('.').slice(1).join('.')
  const drop = `db.${collection}.dropIndex("${name ?? 'its name'}")`
  return wrong(
    `an index${name ? ` ${name}` : ''} of ${namespace} is there with another definition`,
    `drop the one that Curfew did not make: ${drop}; it is made anew then`,
  )
}

const full = (what: string): ServerRefusal => ({
  code: 'STORE_FULL',
  what,
  fix: 'give the server more room',
})

const noReplicaSet = (): ServerRefusal =>
  wrong(
    'the server is no member of a replica set',
    'start it with --replSet and run rs.initiate() once; one member will do',
  )
const tooOld = (): ServerRefusal =>
  wrong('the server does not know what is asked', 'take MongoDB 7 or 8')
const notPrimary = (): ServerRefusal =>
  waiting('the server is not the primary any more', 'wait for the election, or look at rs.status()')
const noMajority = (): ServerRefusal =>
  waiting(
    'a majority of the replica set did not confirm the write',
    'bring enough of its members back',
  )
const tooLarge = (): ServerRefusal => ({
  code: 'STORE_REFUSED',
  what: 'a document is larger than MongoDB takes',
  fix: 'none by settings: please report it',
})
const atlas = (refusal: Refusal): ServerRefusal =>
  /quota|space/i.test(refusal.text) ? full('the storage quota is reached') : loginRefused()

type Reading = (refusal: Refusal) => ServerRefusal
const named = (reading: Reading, ...numbers: readonly number[]): [number, Reading][] =>
  numbers.map((number) => [number, reading])

// https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml
const readings: ReadonlyMap<number, Reading> = new Map([
  ...named(denied, 13),
  ...named(loginRefused, 11, 18, 334),
  ...named(atlas, 8000),
  ...named(noReplicaSet, 20, 76, 123, 148),
  ...named(conflict, 85, 86),
  ...named(() => wrong('an index cannot be made', 'read the cause in the log'), 67),
  ...named(
    ({ namespace }) => ({
      code: 'STORE_REFUSED',
      what: `a validator of ${namespace} refuses what Curfew writes`,
      fix: 'take the validator away (collMod): the collection is Curfew’s own',
    }),
    121,
  ),
  ...named(() => full('the disk is full'), 14_031),
  ...named(() => full('the storage quota is reached'), 12_501),
  ...named(notPrimary, 91, 189, 10_058, 10_107, 11_600, 11_602, 13_435, 13_436),
  ...named(() => waiting('the replica set is not initiated', 'run rs.initiate() once'), 94),
  ...named(() => wrong('the replica set has no valid configuration', 'look at rs.conf()'), 93),
  ...named(noMajority, 64, 79, 100),
  ...named(() => waiting('majority reads are not possible yet'), 134),
  ...named(() => waiting('the server took too long'), 50, 262),
  ...named(() => waiting('the members do not reach each other'), 6, 7, 89, 9001),
  ...named(tooLarge, 10_334, 17_419, 17_420, 22),
  ...named(() => wrong('the name of the database is none', 'mend CURFEW_MONGODB_DATABASE'), 73),
  ...named(
    () => wrong('a database differs from this one in case only', 'spell it as it is there'),
    13_297,
  ),
  ...named(tooOld, 9, 59, 72, 115, 303, 352, 40_324),
])

/** What the server's refusal means; `null` for one that no table knows. */
export const serverRefusalOf = (refusal: Refusal): ServerRefusal | null =>
  readings.get(refusal.number)?.(refusal) ?? null
