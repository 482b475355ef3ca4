import { noOrigin } from '../../shared/events/event.ts'
import type { SubjectId } from '../../shared/kernel/ids.ts'
import type { Closable } from '../../shared/kernel/lifecycle.ts'
import type { Credentials } from '../../shared/ports/credentials.ts'
import { contract } from '../support/contract.ts'
import { aSub } from '../support/fakes/builders.ts'
import { assert } from '../support/suite.ts'

export type Someone = Readonly<{ username: string; password: string; roles: readonly string[] }>

/** A directory, and how its owner changes what is in it. */
export type Managed = Closable &
  Readonly<{
    credentials: Credentials
    add(someone: Someone): Promise<SubjectId>
    setPassword(sub: SubjectId, password: string): Promise<void>
    setActive(sub: SubjectId, active: boolean): Promise<void>
    remove(sub: SubjectId): Promise<void>
  }>

const ann: Someone = { username: 'ann', password: 'correct horse', roles: ['admin', 'user'] }

const attempt = (sub: SubjectId | null, password: string, username = 'ann') => ({
  sub,
  username,
  password,
  origin: noOrigin,
})

export const credentialsContract = contract<Managed>('credentials', {
  'a name has one subject; an unknown one has none': async ({ credentials, add }) => {
    const subs = [await add(ann), await add({ ...ann, username: 'bob' })]
    assert.equal(
      await Promise.all(['ann', 'bob', 'eve'].map((name) => credentials.subjectOf(name))),
      [...subs, null],
    )
  },

  'the right password names the person, whole': async ({ credentials, add }) => {
    const sub = await add(ann)
    const person = { sub, id: sub, username: 'ann', roles: ['admin', 'user'] }
    const verified = await credentials.verify(attempt(sub, ann.password))
    assert.equal(verified, { outcome: 'verified', person })
    assert.equal(await credentials.bySub(sub), { state: 'active', person })
  },

  'a wrong password, an unknown name and an inactive user are refused': async (managed) => {
    const { credentials, add, setActive } = managed
    const sub = await add(ann)
    for (const wrong of ['', 'correct horsf', 'Correct horse', 'correct horse ']) {
      const refused = await credentials.verify(attempt(sub, wrong))
      assert.equal(refused, { outcome: 'refused', why: 'wrong_password' })
    }
    const unknown = await credentials.verify(attempt(null, ann.password, 'eve'))
    assert.equal(unknown, { outcome: 'refused', why: 'unknown_user' })
    await setActive(sub, false)
    const inactive = await credentials.verify(attempt(sub, ann.password))
    assert.equal(inactive, { outcome: 'refused', why: 'inactive' })
  },

  'a subject is active, inactive or absent, by the newest write': async (managed) => {
    const { credentials, add, setActive, remove } = managed
    const sub = await add(ann)
    const state = async (): Promise<string> => (await credentials.bySub(sub)).state
    assert.is(await state(), 'active')
    await setActive(sub, false)
    assert.is(await state(), 'inactive')
    await setActive(sub, true)
    assert.is(await state(), 'active')
    await remove(sub)
    assert.is(await state(), 'absent')
    assert.is(await credentials.subjectOf('ann'), null)
    assert.is((await credentials.bySub(aSub())).state, 'absent')
  },

  'after a password change only the new one is right': async ({
    credentials,
    add,
    setPassword,
  }) => {
    const sub = await add(ann)
    await setPassword(sub, 'battery staple')
    assert.is((await credentials.verify(attempt(sub, ann.password))).outcome, 'refused')
    assert.is((await credentials.verify(attempt(sub, 'battery staple'))).outcome, 'verified')
  },

  // asvs: 10.3.3
  'whoever got the name of a removed user is never verified as that user': async (managed) => {
    const { credentials, add, remove } = managed
    const sub = await add(ann)
    await remove(sub)
    const heir = await add(ann)
    assert.is.not(heir, sub)
    assert.is.not((await credentials.verify(attempt(sub, ann.password))).outcome, 'verified')
    assert.is((await credentials.verify(attempt(heir, ann.password))).outcome, 'verified')
  },
})
