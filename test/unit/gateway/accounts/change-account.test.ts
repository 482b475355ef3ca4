import { setActive } from '../../../../services/gateway/accounts/change-account.ts'
import { createUser } from '../../../../services/gateway/accounts/create-user.ts'
import { setRoles } from '../../../../services/gateway/accounts/set-roles.ts'
import { openMemoryUserDirectory } from '../../../../shared/adapters/memory/user-directory.ts'
import { isAuthError } from '../../../../shared/kernel/errors.ts'
import type { UserDirectory } from '../../../../shared/ports/user-directory.ts'
import { assert, claims } from '../../../support/suite.ts'
import { accountParts } from '../../../support/worlds/account-parts.ts'

type Answer = Awaited<ReturnType<UserDirectory['change']>>
/** Counts tries to change, and answers as if somebody else had come first. */
const beaten = (directory: UserDirectory, answer: Answer) => {
  const seen = { tries: 0 }
  const change = async (): Promise<Answer> => {
    seen.tries += 1
    if (seen.tries > 1_000) throw new Error('it goes on for ever')
    return answer
  }
  return { seen, directory: { ...directory, change } }
}
const refusal = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error: unknown) => error,
  )
const account = { username: 'ann', password: 'correct horse', roles: ['staff'] }

claims('changes of an account that others change all the time', {
  'roles end with STORE_CONTENDED, after eight tries': async () => {
    const directory = openMemoryUserDirectory()
    const { sub } = await createUser(accountParts(directory), account)
    const { seen, directory: contended } = beaten(directory, 'stale')
    const error = await refusal(setRoles(accountParts(contended), sub, () => ['other']))
    assert.ok(isAuthError(error, 'STORE_CONTENDED'))
    assert.is(seen.tries, 8)
  },

  'so does a change that meets other work every time': async () => {
    const directory = openMemoryUserDirectory()
    const { sub } = await createUser(accountParts(directory), account)
    const { seen, directory: contended } = beaten(directory, 'due')
    const error = await refusal(setActive(accountParts(contended), sub, false))
    assert.ok(isAuthError(error, 'STORE_CONTENDED'))
    assert.ok((error as { retriable?: boolean }).retriable)
    assert.is(seen.tries, 8)
  },
})
