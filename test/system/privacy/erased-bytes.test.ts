import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Everything, type Fleet, withFleet } from '../../support/processes/fleet.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'

const client = 'hr:a-long-secret-of-the-directory'
const settings = { CURFEW_SERVICE_CLIENTS: `${client}:users+audit`, CURFEW_PROXY_HOPS: '1' }
const authorization = `Basic ${Buffer.from(client).toString('base64')}`

const name = 'Zephyrine.Quux@example.org'
const addresses = ['198.51.100.201', '198.51.100.202', '2001:db8::c0de'] as const
const agent = 'QuuxBrowser/7.5 (of one person)'
const told = [...addresses, 'QuuxBrowser']
/** As the directory has it, and as a key of its indexes. */
const names = ['Zephyrine', 'zephyrine']

const filesBelow = (dir: string): readonly string[] =>
  readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const path = join(dir, entry.name)
    return entry.isDirectory() ? filesBelow(path) : [path]
  })

/** Where any of these texts lies, in every byte of every file. */
const placesOf = (fleet: Fleet, texts: readonly string[]): readonly string[] =>
  filesBelow(fleet.dir).flatMap((path) => {
    const bytes = readFileSync(path)
    return texts.filter((text) => bytes.includes(text)).map((text) => `${path}: ${text}`)
  })

const post = (url: string, body: object, address: string, cookie = '') =>
  fetch(url, {
    method: 'POST',
    headers: {
      ...{ 'content-type': 'application/json', 'user-agent': agent, cookie },
      'x-forwarded-for': address,
    },
    body: JSON.stringify(body),
  })

type Shown = Readonly<{ type: string; data: Readonly<Record<string, unknown>> }>

const eventsAt = async ({ url }: Everything, query: string): Promise<readonly Shown[]> => {
  const answer = await fetch(`${url}/audit/events?limit=1000${query}`, {
    headers: { authorization },
  })
  return answer.ok ? ((await answer.json()) as { events: Shown[] }).events : []
}

const ran = async (fleet: Fleet, ...args: readonly string[]): Promise<void> => {
  const command = fleet.command(args)
  const { code } = await command.ended
  assert.is(code, 0, `${args.join(' ')}: ${command.output()}`)
}

/** A person who logs in, mistypes a password, refreshes, may not do something, and leaves. */
const liveOnce = async (fleet: Fleet, curfew: Everything): Promise<string> => {
  const { url } = curfew
  const { username, password } = await fleet.addUser(name)
  const [home, away, other] = addresses
  const login = await post(`${url}/login`, { username, password }, home)
  assert.is(login.status, 200)
  const cookies = (answer: Response): string =>
    answer.headers
      .getSetCookie()
      .flatMap((line) => line.split(';')[0] ?? [])
      .join('; ')
  await post(`${url}/login`, { username, password: 'wrong' }, away)
  const refreshed = await post(`${url}/refresh`, {}, other, cookies(login))
  assert.is(refreshed.status, 200)
  const denied = `${url}/users/${encodeURIComponent(name)}/erase`
  assert.is((await post(denied, {}, home, cookies(refreshed))).status, 403)
  assert.is((await post(`${url}/logout`, {}, home, cookies(refreshed))).status, 200)
  const made = async (): Promise<Shown | undefined> =>
    (await eventsAt(curfew, '&kind=UserCreated')).find(({ data }) => data['username'] === name)
  const kinds = ['LoginFailed', 'AccessDenied']
  const isThere = async (): Promise<boolean> => {
    const all = await eventsAt(curfew, '')
    return (
      kinds.every((kind) => all.some(({ type }) => type === kind)) &&
      all.some(({ data }) => data['reason'] === 'logout') &&
      (await made()) !== undefined
    )
  }
  await until('all is indexed', isThere, 20_000)
  return String((await made())?.data['sub'])
}

const formats = ['cloudevents', 'csv', 'ndjson', 'ocsf', 'cef'] as const
const exportAll = async (fleet: Fleet): Promise<void> => {
  for (const format of formats) {
    const out = join(fleet.dir, `export.${format}`)
    await ran(fleet, 'audit', 'export', '--format', format, '--out', out)
  }
}

type Row = Readonly<{ address: string | null; agent: string | null; user: string | null }>

/** The rows of an export that opens what is sealed; the file is gone afterwards. */
const unsealedRows = async (
  fleet: Fleet,
  ...filter: readonly string[]
): Promise<readonly Row[]> => {
  const out = join(fleet.dir, 'unsealed.ndjson')
  await ran(fleet, 'audit', 'export', '--format', 'ndjson', '--unseal', '--out', out, ...filter)
  const index = JSON.parse(readFileSync(`${out}.index.json`, 'utf8')) as { unsealed?: boolean }
  assert.is(index.unsealed, true)
  await ran(fleet, 'audit', 'verify', out, '--folder', join(fleet.dir, 'trail'))
  const lines = readFileSync(out, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
  for (const path of [out, `${out}.index.json`]) rmSync(path)
  return lines.map((line) => JSON.parse(line) as Row)
}

claims('what is written of a person', {
  'is in no byte of any file but for the name in the directory, and opens to nobody once erased':
    () =>
      withFleet(null, async (fleet) => {
        const curfew = await fleet.everything(settings)
        const sub = await liveOnce(fleet, curfew)
        await exportAll(fleet)
        assert.equal(placesOf(fleet, told), [])
        const outside = (places: readonly string[]) =>
          places.filter((at) => !at.includes('data.mdb'))
        assert.equal(outside(placesOf(fleet, names)), [])
        const ofThem = await eventsAt(curfew, `&user=${sub}`)
        for (const address of addresses) {
          assert.ok(
            ofThem.some(({ data }) => data['address'] === address),
            address,
          )
          assert.ok((await eventsAt(curfew, `&address=${address}`)).length > 0)
        }
        assert.ok(ofThem.some(({ data }) => data['username'] === name))
        const [denied] = await eventsAt(curfew, '&kind=AccessDenied')
        assert.match(String(denied?.data['path']), 'Zephyrine')
        const rows = await unsealedRows(fleet, '--address', addresses[1])
        assert.equal(
          rows.map(({ address, user }) => [address, user]),
          [[addresses[1], sub]],
        )
        const readings = async () =>
          (await eventsAt(curfew, '&kind=AuditRead'))
            .map(({ data }) => data['filter'] as Readonly<Record<string, unknown>>)
            .filter(({ kind }) => kind === 'export:ndjson')
        await until('the export is told', async () => (await readings()).length === 2, 20_000)
        assert.ok((await readings()).every(({ address }) => address === addresses[1]))
        const keys = (await fleet.backends()).personalKeys()
        const [wrappedBefore = ''] = (await keys.find([`sub:${sub}`])).map(String)
        assert.ok(readFileSync(join(fleet.dir, 'data.mdb')).includes(wrappedBefore.slice(-40)))
        await ran(fleet, 'users', 'erase', name, '--yes')
        const isForgotten = async (): Promise<boolean> =>
          (await eventsAt(curfew, `&user=${sub}`)).every(
            ({ data }) => !data['address'] && !data['agent'] && !data['username'],
          )
        await until('it opens to nobody', isForgotten, 20_000)
        assert.equal(await eventsAt(curfew, `&address=${addresses[2]}`), [])
        const erasures = () => eventsAt(curfew, '&kind=UserErased')
        await until('it is told', async () => (await erasures()).length > 0, 20_000)
        const erased = await erasures()
        assert.equal(
          erased.map(({ data }) => data['sub']),
          [sub],
        )
        const [key] = await keys.find([`sub:${sub}`])
        assert.is(key, null)
        const afterwards = await unsealedRows(fleet, '--user', sub)
        assert.ok(afterwards.length > 0)
        for (const { address, agent: of } of afterwards) assert.equal([address, of], [null, null])
        assert.equal(placesOf(fleet, told), [])
        assert.equal(outside(placesOf(fleet, names)), [])
        await ran(fleet, 'backup', join(fleet.dir, 'copy'))
        const copy = readFileSync(join(fleet.dir, 'copy', 'data.mdb'))
        for (const text of [...told, ...names]) assert.not.ok(copy.includes(text), text)
        const wrapped = wrappedBefore.slice(-40)
        assert.not.ok(copy.includes(wrapped), 'the key')
        assert.is(statSync(join(fleet.dir, 'copy', 'data.mdb')).mode & 0o077, 0)
        await curfew.stop()
        const shown = fleet.command(['users', 'list', '--json'], {
          CURFEW_DATA_DIR: join(fleet.dir, 'copy'),
        })
        assert.is((await shown.ended).code, 0, shown.output())
      }),

  'is found by the same look where events are in clear': () =>
    withFleet(null, async (fleet) => {
      const curfew = await fleet.everything({ ...settings, CURFEW_EVENT_PRIVACY: 'clear' })
      await liveOnce(fleet, curfew)
      await exportAll(fleet)
      const places = placesOf(fleet, told)
      for (const format of formats) {
        assert.ok(
          places.some((at) => at.startsWith(join(fleet.dir, `export.${format}`))),
          format,
        )
      }
      assert.ok(places.some((at) => at.includes('data.mdb')))
      assert.ok(places.some((at) => at.includes('trail')))
    }),
})
