import { execFile } from 'node:child_process'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { settings } from '../../../../.ci/reference/settings.ts'
import { readConfigFile, settingsIn } from '../../../../services/cli/settings/config-file.ts'
import {
  nearestName,
  unsupportedSettings,
  warningsOfUnknown,
} from '../../../../services/cli/settings/known-settings.ts'

import { gatewayFields } from '../../../../services/gateway/config.ts'
import { type Env, readConfig } from '../../../../shared/kernel/config.ts'
import { isAuthError } from '../../../../shared/kernel/errors.ts'
import { projectRoot } from '../../../support/project-files.ts'
import { assert, claims } from '../../../support/suite.ts'
import { inTempFolder } from '../../../support/temp-folder.ts'

/** Of djangorestframework-simplejwt 5.5.1 (`settings.py`: DEFAULTS and REMOVED_SETTINGS). */
const simpleJwtSettings =
  'ACCESS_TOKEN_LIFETIME REFRESH_TOKEN_LIFETIME ROTATE_REFRESH_TOKENS BLACKLIST_AFTER_ROTATION ' +
  'UPDATE_LAST_LOGIN ALGORITHM SIGNING_KEY VERIFYING_KEY AUDIENCE ISSUER JSON_ENCODER JWK_URL ' +
  'LEEWAY AUTH_HEADER_TYPES AUTH_HEADER_NAME USER_ID_FIELD USER_ID_CLAIM JTI_CLAIM ' +
  'USER_AUTHENTICATION_RULE AUTH_TOKEN_CLASSES TOKEN_TYPE_CLAIM TOKEN_USER_CLASS ' +
  'SLIDING_TOKEN_REFRESH_EXP_CLAIM SLIDING_TOKEN_LIFETIME SLIDING_TOKEN_REFRESH_LIFETIME ' +
  'TOKEN_OBTAIN_SERIALIZER TOKEN_REFRESH_SERIALIZER TOKEN_VERIFY_SERIALIZER ' +
  'TOKEN_BLACKLIST_SERIALIZER SLIDING_TOKEN_OBTAIN_SERIALIZER SLIDING_TOKEN_REFRESH_SERIALIZER ' +
  'CHECK_REVOKE_TOKEN REVOKE_TOKEN_CLAIM CHECK_USER_IS_ACTIVE ' +
  'AUTH_HEADER_TYPE AUTH_TOKEN_CLASS SECRET_KEY TOKEN_BACKEND_CLASS'

const inFolder = (prove: (cwd: string) => Promise<void>): Promise<void> =>
  inTempFolder('config', prove)
const read = (cwd: string, env: Env = {}, named: string | null = null) =>
  readConfigFile(env, { cwd, named })
const refusal = async (work: () => unknown): Promise<string> => {
  try {
    await work()
  } catch (error) {
    if (isAuthError(error, 'CONFIG_INVALID')) return error.message
    throw error
  }
  return 'it was accepted'
}

claims('a configuration file', {
  'is JSON or a module, and its keys have the prefix or not': () =>
    inFolder(async (cwd) => {
      const body = '{ "ISSUER": "acme", "CURFEW_PORT": 3100, "ROTATE_REFRESH_TOKENS": false }'
      const files: [string, string][] = [
        ['curfew.config.json', body],
        ['curfew.config.mjs', `export default ${body}`],
        ['curfew.config.js', `module.exports = ${body}`],
        [
          'curfew.config.ts',
          `const port: number = 3100\nexport default { ...${body}, PORT: port }`,
        ],
      ]
      for (const [name, text] of files) {
        const file = join(cwd, name)
        const fitting = name.endsWith('.ts') ? text.replace('"CURFEW_PORT": 3100, ', '') : text
        await writeFile(file, fitting)
        const found = await read(cwd)
        assert.is(found.file, file)
        const { issuer, port, rotate } = readConfig(gatewayFields, found.env)
        assert.equal([issuer, port, rotate], ['acme', 3100, false])
        await rm(file)
      }
      assert.equal(await read(cwd, { HOME: '/' }), { env: { HOME: '/' }, file: null, warnings: [] })
    }),

  'gives way to the environment, unless a variable there is empty': () =>
    inFolder(async (cwd) => {
      await writeFile(join(cwd, 'curfew.config.json'), '{"PORT": 3100, "LEEWAY": "5s"}')
      const { env } = await read(cwd, { CURFEW_PORT: '4000', CURFEW_LEEWAY: '' })
      assert.equal([env['CURFEW_PORT'], env['CURFEW_LEEWAY']], ['4000', '5s'])
    }),

  'is the one that --config names, else CURFEW_CONFIG, else the one of the usual name': () =>
    inFolder(async (cwd) => {
      for (const name of ['curfew.config.json', 'a.json', 'b.json']) {
        await writeFile(join(cwd, name), JSON.stringify({ ISSUER: name }))
      }
      const issuer = async (env: Env, named: string | null) =>
        (await read(cwd, env, named)).env['CURFEW_ISSUER']
      assert.is(await issuer({}, null), 'curfew.config.json')
      assert.is(await issuer({ CURFEW_CONFIG: 'a.json' }, null), 'a.json')
      assert.is(await issuer({ CURFEW_CONFIG: 'a.json' }, 'b.json'), 'b.json')
      assert.match(await refusal(() => read(cwd, {}, 'c.json')), 'c.json does not exist')
      assert.match(await refusal(() => read(cwd, {}, '.')), `${cwd} is no file`)
      await writeFile(join(cwd, 'curfew.config.mjs'), 'export default {}')
      assert.match(await refusal(() => read(cwd)), 'keep one of them')
    }),

  'has lists, and every mistake is told at once by file and key, secrets hidden': async () => {
    const lists = settingsIn({ AUDIENCE: ['shop', 'stock'], AUTH_HEADER_TYPES: 'JWT' }, 'f')
    assert.equal(lists, { CURFEW_AUDIENCE: 'shop,stock', CURFEW_AUTH_HEADER_TYPES: 'JWT' })
    const given = {
      ACCESS_TOKEN_LIFETIME: 300,
      ALGORITM: 'RS256',
      AUDIENCE: ['a,b'],
      PORT: null,
      ROTATE_REFRESH_TOKENS: 'yes',
      SECRET_KEY: 'hunter2-hunter2',
      SERVICE_CLIENTS: 'orders:hunter2',
      CURFEW_ISSUER: 'a',
      ISSUER: 'b',
      CONFIG: 'other.json',
    }
    const message = await refusal(() => settingsIn(given, 'my.json'))
    for (const part of [
      '9 settings are wrong',
      'my.json: ACCESS_TOKEN_LIFETIME is "300": is no duration',
      'my.json: ALGORITM is no setting of Curfew; did you mean CURFEW_ALGORITHM?',
      'my.json: AUDIENCE is no text, number',
      'my.json: PORT is no text, number',
      'my.json: ROTATE_REFRESH_TOKENS is "yes"',
      'my.json: SECRET_KEY is no setting of Curfew: Simple-JWT removed it; use SIGNING_KEY',
      'my.json: SERVICE_CLIENTS is (secret): has a secret shorter',
      'my.json: ISSUER is there twice',
      'my.json: CONFIG names this file',
    ]) {
      assert.match(message, part)
    }
    assert.not.match(message, 'hunter2')
  },

  'is refused when it is no settings at all': () =>
    inFolder(async (cwd) => {
      const cases: [string, string, RegExp][] = [
        ['a.json', '[]', /no object of settings/],
        ['b.json', '{"PORT":1,"PORT":2}', /no good JSON \(duplicate\)/],
        ['c.mjs', 'export const settings = {}', /no object of settings/],
        ['d.mjs', '\nthrow new TypeError("no port")', /loaded: TypeError: no port \(line 2\)$/],
        ['e.mjs', 'throw "no port"', /cannot be loaded: no port$/],
        ['f.mjs', 'export default {', /cannot be loaded: \w*Error: \S/],
        ['g.mjs', 'import "./not-there.mjs"', /cannot be loaded: .*not-there\.mjs/],
        ['h.ts', 'export default { KEY: 1 "hunter2" }', /cannot be loaded: \w*Error: \S/],
        ['i.ts', 'export default { KEY: 1 hunter2: 3 }', /cannot be loaded: \w*Error: \S/],
        ['j.ts', 'enum One { a }\nthrow new TypeError("no")', /TypeError: no \(line 2\)$/],
      ]
      for (const [name, text, problem] of cases) {
        await writeFile(join(cwd, name), text)
        const message = await refusal(() => read(cwd, {}, name))
        assert.match(message, problem)
        assert.not.match(message, 'hunter2')
      }
    }),

  'that holds a secret and is open to others is warned of': () =>
    inFolder(async (cwd) => {
      const text = '{"SERVICE_CLIENTS": "orders:a-long-enough-secret"}'
      const file = join(cwd, 'curfew.config.json')
      await writeFile(file, text, { mode: 0o644 })
      assert.match((await read(cwd)).warnings.join(), 'chmod 600')
      await rm(file)
      await writeFile(file, text, { mode: 0o600 })
      assert.equal((await read(cwd)).warnings, [])
    }),
})

claims('names that are no settings', {
  'get the nearest one, if one is near': () => {
    const known = ['CURFEW_ISSUER', 'CURFEW_AUDIENCE']
    assert.is(nearestName('CURFEW_ISUER', known), 'CURFEW_ISSUER')
    assert.is(nearestName('CURFEW_SOMETHING_ELSE', known), null)
    const [warning = ''] = warningsOfUnknown({ CURFEW_ACESS_TOKEN_LIFETIME: '5m' })
    assert.match(warning, 'did you mean CURFEW_ACCESS_TOKEN_LIFETIME?')
  },

  'are none of Simple-JWT’s: each has an equal, or a sentence on why not': () => {
    const equals = settings().map(({ field }) => field.simpleJwt)
    const answered = new Set([...equals, ...Object.keys(unsupportedSettings)])
    assert.equal(
      simpleJwtSettings.split(' ').filter((name) => !answered.has(name)),
      [],
    )
  },

  'but belong to Simple-JWT stop the start with what to use instead': async () => {
    for (const name of Object.keys(unsupportedSettings)) {
      const message = await refusal(() => warningsOfUnknown({ [`CURFEW_${name}`]: 'hunter2' }))
      assert.match(message, unsupportedSettings[name] ?? '')
      assert.not.match(message, 'hunter2')
    }
  },
})

/** What the command itself says on stderr, started as a user starts it: tsx is not there yet. */
const saidBy = (cwd: string, args: readonly string[]): Promise<string> => {
  const cli = join(projectRoot, 'services/cli/curfew.mjs')
  return promisify(execFile)(process.execPath, [cli, ...args], { cwd }).then(
    () => 'it ended well',
    ({ stderr }: { stderr: string }) => stderr,
  )
}
const noKeysIn = (cwd: string): string =>
  `KEYS_INVALID: ${join(cwd, 'nowhere', 'signing.json')} does not exist`

claims('curfew --config', {
  'reaches any command, before it or behind it': () =>
    inFolder(async (cwd) => {
      const file = join(cwd, 'mine.json')
      await writeFile(file, JSON.stringify({ KEYS_DIR: join(cwd, 'nowhere') }))
      for (const args of [
        ['--config', file, 'keys', 'list'],
        ['keys', 'list', '--config', file],
      ]) {
        assert.match(await saidBy(cwd, args), noKeysIn(cwd))
      }
    }),

  'is TypeScript in a folder of either kind of module': () =>
    inFolder(async (cwd) => {
      const dir = JSON.stringify(join(cwd, 'nowhere'))
      await writeFile(
        join(cwd, 'curfew.config.ts'),
        `const dir: string = ${dir}\nexport default { KEYS_DIR: dir }`,
      )
      for (const type of ['commonjs', 'module']) {
        await writeFile(join(cwd, 'package.json'), JSON.stringify({ type }))
        assert.match(await saidBy(cwd, ['keys', 'list']), noKeysIn(cwd), type)
      }
    }),
})
