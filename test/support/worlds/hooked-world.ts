import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createUser } from '../../../services/gateway/accounts/create-user.ts'
import type { Env } from '../../../shared/kernel/config.ts'
import { type Jar, newJar, tokenIn } from '../processes/browser.ts'
import { payloadOf } from '../requests/visitor.ts'
import { assert } from '../suite.ts'
import { inTempFolder } from '../temp-folder.ts'
import { inWorld, type World, type WorldOptions } from './gateway-world.ts'

/** Of the user `alice`, whom every hooked world has. */
export const password = 'correct horse'
export const said = (token: string | null): Record<string, unknown> => ({
  ...payloadOf(token ?? ''),
})
export const inJar = (jar: Jar) => ({
  access: said(tokenIn(jar, 'access')),
  refresh: said(tokenIn(jar, 'refresh')),
})

/** A hook of this source on the disk, and what a gateway needs to find it. */
export const withHook = (source: string, prove: (env: Env) => Promise<void>): Promise<void> =>
  inTempFolder('hook', async (dir) => {
    const path = join(dir, 'claims.mjs')
    await writeFile(path, source)
    await prove({ CURFEW_CLAIMS_HOOK: path, CURFEW_CLAIMS_TIMEOUT: '200ms' })
  })

export const inHooked = (
  source: string,
  prove: (world: World) => Promise<void>,
  options: Omit<WorldOptions, 'backing'> = {},
): Promise<void> =>
  withHook(source, (env) =>
    inWorld({ ...options, env: { ...env, ...options.env } }, async (world) => {
      await createUser(world.rooms, { username: 'alice', password, roles: ['admin'] })
      await prove(world)
    }),
  )

export const loggedIn = async (world: World): Promise<Jar> => {
  const jar = newJar()
  assert.is((await world.login(jar, 'alice', password)).status, 200)
  return jar
}
