import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readConfigFile } from '../../../services/cli/settings/config-file.ts'
import { gatewayFields } from '../../../services/gateway/config.ts'
import { readConfig } from '../../../shared/kernel/config.ts'
import { shownSettings } from '../../../shared/kernel/shown-settings.ts'
import { aUser } from '../../support/fakes/builders.ts'
import { cookieHeader } from '../../support/processes/browser.ts'
import { sendHttp } from '../../support/requests/http-send.ts'
import { assert, claims } from '../../support/suite.ts'
import { inTempFolder } from '../../support/temp-folder.ts'
import { inWorld, type World } from '../../support/worlds/gateway-world.ts'

const secret = 'a-secret-of-the-auditor'
const env = {
  CURFEW_SERVICE_CLIENTS: `auditor:${secret}:audit,hooks:${secret}-2:receive+introspect`,
  CURFEW_CLAIMS_HOOK: '',
  CURFEW_ADMIN_ROLE: 'boss',
}
const basic = (id: string, of: string) => ({
  authorization: `Basic ${Buffer.from(`${id}:${of}`).toString('base64')}`,
})
const auditor = basic('auditor', secret)
const paths = ['/clients', '/settings', '/receivers'] as const

const ask = async (
  world: World,
  path: string,
  headers: Readonly<Record<string, string>> = auditor,
) => {
  const answer = await sendHttp(`${world.url}${path}`, { method: 'GET', headers })
  return { status: answer.status, body: answer.body as Readonly<Record<string, unknown>> }
}

type Setting = Readonly<{ name: string; source: string; value: string | null; hidden: boolean }>
const brief = ({ source, value, hidden }: Setting): string => `${source} ${value} ${hidden}`

claims('What a gateway knows', {
  'GET /clients names the clients of the settings and what each may do, without secrets': () =>
    inWorld({ env }, async (world) => {
      const { body } = await ask(world, '/clients')
      assert.equal(body['clients'], [
        { id: 'curfew', logins: true, permissions: [] },
        { id: 'auditor', logins: false, permissions: ['audit'] },
        { id: 'hooks', logins: false, permissions: ['receive', 'introspect'] },
      ])
      assert.not.match(JSON.stringify(body), secret)
    }),

  'GET /settings shows each setting with its source; a secret is said to be there, and not shown':
    () =>
      inWorld({ env }, async (world) => {
        const { body } = await ask(world, '/settings')
        const settings = body['settings'] as readonly Setting[]
        const named = new Map(settings.map((one) => [one.name, brief(one)]))
        assert.is(named.get('CURFEW_ADMIN_ROLE'), 'environment boss false')
        assert.is(named.get('CURFEW_AUDIT_ROLE'), 'default audit false')
        assert.is(named.get('CURFEW_SERVICE_CLIENTS'), 'environment null true')
        assert.is(named.get('CURFEW_CLAIMS_HOOK'), 'default null false')
        assert.is(named.size, Object.keys(gatewayFields).length)
        assert.not.match(JSON.stringify(body), secret)
      }),

  'a setting of a file is said to be one, unless the environment has another': () =>
    inTempFolder('settings-', async (dir) => {
      const said = { CURFEW_ADMIN_ROLE: 'boss', CURFEW_AUDIT_ROLE: 'eyes', CURFEW_CLIENT_ID: 'web' }
      await writeFile(join(dir, 'curfew.config.json'), JSON.stringify(said))
      const given = { CURFEW_AUDIT_ROLE: 'ears', CURFEW_CLIENT_ID: '' }
      const read = await readConfigFile(given, { named: null, cwd: dir })
      const shown = shownSettings(readConfig(gatewayFields, read.env))
      const of = (wanted: string) =>
        shown.filter(({ name }) => name === wanted).map(({ source, value }) => `${source} ${value}`)
      assert.equal(of('CURFEW_ADMIN_ROLE'), ['file boss'])
      assert.equal(of('CURFEW_AUDIT_ROLE'), ['environment ears'])
      assert.equal(of('CURFEW_CLIENT_ID'), ['file web'])
    }),

  'no setting that takes a secret, or an address with a password, is ever shown': () => {
    const secrets = Object.values(gatewayFields).filter(({ secret: isSecret }) => isSecret)
    assert.ok(secrets.length > 0)
    const fields = { url: { ...gatewayFields.adminRole, schema: gatewayFields.keysDir.schema } }
    const values = readConfig(fields as never, { CURFEW_ADMIN_ROLE: 'amqp://a:hunter2@b' })
    assert.equal(
      shownSettings(values).map(({ value, hidden }) => [value, hidden]),
      [[null, true]],
    )
  },

  'GET /receivers shows everybody’s receivers and how far each came, without what opens them': () =>
    inWorld({ env }, async (world) => {
      const headers = basic('hooks', `${secret}-2`)
      const json = {
        delivery: {
          method: 'urn:ietf:rfc:8936',
        },
        description: 'the shop',
      }
      const made = await sendHttp(`${world.url}/ssf/streams`, { method: 'POST', headers, json })
      assert.is(made.status, 201)
      const user = await world.addUser()
      await world.open(user)
      const { body } = await ask(world, '/receivers')
      const [one, ...others] = body['receivers'] as readonly Readonly<Record<string, unknown>>[]
      assert.equal(others, [])
      const { kind, client, description, state, refused } = one ?? {}
      assert.equal(
        { kind, client, description, state, refused },
        {
          ...{ kind: 'ssf-poll', client: 'hooks', description: 'the shop' },
          ...{ state: 'enabled', refused: 0 },
        },
      )
      assert.type(one?.['behind'], 'number')
    }),

  'is shown to auditors and administrators alone': () =>
    inWorld({ env }, async (world) => {
      for (const path of paths) {
        const statusAs = async (roles: readonly string[]) => {
          const user = aUser({ roles: [...roles] })
          await world.state.directory.create(user)
          return (await ask(world, path, cookieHeader(await world.open(user)))).status
        }
        const byRole = [await statusAs([]), await statusAs(['audit']), await statusAs(['boss'])]
        assert.equal(byRole, [403, 200, 200], path)
        assert.is((await ask(world, path, basic('hooks', `${secret}-2`))).status, 403, path)
        assert.is((await ask(world, path, {})).status, 401, path)
      }
    }),
})
