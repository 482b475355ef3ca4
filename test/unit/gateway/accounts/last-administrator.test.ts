import { createUser } from '../../../../services/gateway/accounts/create-user.ts'
import {
  deleteKeepingAnAdministrator,
  disableKeepingAnAdministrator,
  setRolesKeepingAnAdministrator,
} from '../../../../services/gateway/accounts/last-administrator.ts'
import { openMemoryUserDirectory } from '../../../../shared/adapters/memory/user-directory.ts'
import { isAuthError } from '../../../../shared/kernel/errors.ts'
import type { SubjectId } from '../../../../shared/kernel/ids.ts'
import type { UserDirectory } from '../../../../shared/ports/user-directory.ts'
import { assert, claims } from '../../../support/suite.ts'
import { accountParts } from '../../../support/worlds/account-parts.ts'

/** The first two looks end only when both have begun: neither sees the other's change. */
const lookingTogether = (directory: UserDirectory): UserDirectory => {
  let looks = 0
  let bothLook = (): void => {}
  const both = new Promise<void>((resolve) => {
    bothLook = resolve
  })
  return {
    ...directory,
    list: async (...given) => {
      looks += 1
      if (looks > 2) return directory.list(...given)
      const found = await directory.list(...given)
      if (looks === 2) bothLook()
      await both
      return found
    },
  }
}
const twoAdministrators = async () => {
  const directory = lookingTogether(openMemoryUserDirectory())
  const parts = accountParts(directory)
  const account = { password: 'correct horse', roles: ['admin'] }
  const [ann, bob] = [
    await createUser(parts, { username: 'ann', ...account }),
    await createUser(parts, { username: 'bob', ...account }),
  ]
  return { parts, subs: [ann.sub, bob.sub] as const }
}
type Parts = Awaited<ReturnType<typeof twoAdministrators>>['parts']

const ways: Readonly<Record<string, (parts: Parts, sub: SubjectId) => Promise<unknown>>> = {
  disabled: disableKeepingAnAdministrator,
  deleted: deleteKeepingAnAdministrator,
  stripped: (parts, sub) => setRolesKeepingAnAdministrator(parts, sub, () => []),
}

claims('the last administrator, when two take each other away at once', {
  'is given back: somebody is left, and whoever was refused hears the code': async () => {
    for (const [way, take] of Object.entries(ways)) {
      const { parts, subs } = await twoAdministrators()
      const ends = await Promise.allSettled(subs.map((sub) => take(parts, sub)))
      const refused = ends.filter(({ status }) => status === 'rejected')
      assert.ok(refused.length > 0, way)
      for (const end of refused) {
        assert.ok(isAuthError((end as PromiseRejectedResult).reason, 'ADMINISTRATOR_LAST'), way)
      }
      const left = await parts.accounts.directory.list(null, 10)
      const able = left.filter(({ active, roles, due }) => active && roles[0] === 'admin' && !due)
      assert.is(able.length, refused.length, way)
    }
  },
})
