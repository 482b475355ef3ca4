import { execFile } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { namedBlock } from '../support/documents/code-blocks.ts'
import { findTool } from '../support/processes/tools.ts'
import { payloadOf } from '../support/requests/visitor.ts'
import { assert, claims } from '../support/suite.ts'
import { inBothClocks, type RecipeWorld } from '../support/worlds/recipe-world.ts'

/** A folder whose settings of curl lead the pages' gateway to the test's; nothing else changes. */
const folderFor = ({ env }: RecipeWorld): string => {
  const dir = mkdtempSync(join(tmpdir(), 'curfew-shell-'))
  const { host } = new URL(env.AUTH_URL)
  writeFileSync(join(dir, '.curlrc'), `connect-to = "localhost:3000:${host}"\nsilent\n`)
  return dir
}

const typed = async (
  world: RecipeWorld,
  [page, block]: readonly [page: string, block: string],
  { dir, token = '' }: Readonly<{ dir: string; token?: string }>,
): Promise<string> => {
  const { AUTH_CLIENT: CLIENT, AUTH_SECRET: SECRET } = world.env
  const env = { PATH: process.env['PATH'], HOME: dir, CURL_HOME: dir, TOKEN: token, CLIENT, SECRET }
  const options = { cwd: dir, env, timeout: 60_000 }
  return (await promisify(execFile)('sh', ['-ec', namedBlock(page, block)], options)).stdout
}

/** Says aloud where there is no curl to type. */
const withCurl = async (prove: (world: RecipeWorld) => Promise<void>): Promise<void> => {
  if ((await findTool('curl', 'the commands of the pages')) !== null) await inBothClocks(prove)
}

/** Members and kinds of values; of a list, those of its first. */
const shapeOf = (value: unknown): unknown => {
  if (Array.isArray(value)) return [shapeOf(value[0])]
  if (typeof value !== 'object' || value === null) return value === null ? null : typeof value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, shapeOf(one)]))
}

claims('commands of the pages, as they are typed', {
  'a token is introspected, and dead after a logout, by clocks that are behind and ahead': () =>
    withCurl(async (world) => {
      const dir = folderFor(world)
      const pair = await world.obtain()
      const asked = { dir, token: pair.access }
      for (const page of ['README.md', 'docs/doors.md']) {
        const said = JSON.parse(await typed(world, [page, 'introspect'], asked))
        assert.equal([said.active, said.sub], [true, payloadOf(pair.access).sub], page)
      }
      await world.logOut(pair)
      const said = await typed(world, ['README.md', 'introspect'], asked)
      assert.equal(JSON.parse(said), { active: false })
    }),

  'an access token carries the claim that the page prints': () =>
    inBothClocks(async (world) => {
      const { access } = await world.obtain()
      const printed = JSON.parse(namedBlock('docs/doors.md', 'status-claim'))
      const { status } = payloadOf(access) as unknown as Record<string, unknown>
      assert.equal(shapeOf({ status }), shapeOf(printed))
      const { uri } = (status as { status_list: { uri: string } }).status_list
      const [path = ''] = /(?<=example)\/status-lists\/\d+-\d+-/.exec(JSON.stringify(printed)) ?? []
      const like = path.replace(/\d+/g, '\\d+')
      assert.match(uri, new RegExp(`^${world.env.AUTH_URL}${like}[\\w-]+$`))
    }),

  'an identity provider’s universal logout ends all of a user; sessions are listed': () =>
    withCurl(async (world) => {
      const dir = folderFor(world)
      const { access } = await world.obtain()
      const jar = `127.0.0.1\tFALSE\t/\tFALSE\t0\taccess\t${access}`
      writeFileSync(join(dir, 'jar'), `${jar}\n${jar.replace('127.0.0.1', 'localhost')}\n`)
      const listed = JSON.parse(await typed(world, ['docs/sessions.md', 'sessions'], { dir }))
      const printed = JSON.parse(namedBlock('docs/sessions.md', 'listed'))
      assert.equal(shapeOf(listed), shapeOf(printed), JSON.stringify(listed))
      const ended = await typed(world, ['docs/doors.md', 'universal-logout'], { dir })
      assert.match(ended, /^HTTP\/1\.1 204 /)
      assert.match(ended, /^Revocation-Status: acknowledged/m)
      const after = await typed(world, ['docs/doors.md', 'introspect'], { dir, token: access })
      assert.equal(JSON.parse(after), { active: false })
    }),
})
