import { hash, verify } from '@node-rs/argon2'
import { serve } from '../support/serve.ts'
import { sharedNowMs } from '../support/shared-clock.ts'

export type BareArgon2Plan = Readonly<{ password: string; callers: number; ms: number }>
export type BareArgon2Result = Readonly<{ verified: number; elapsedMs: number }>

/** argon2id at the cost of services/gateway/accounts/password-hash.ts. */
const parameters = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 }

/** Verifies a password, and does nothing else. */
const measure = async ({ password, callers, ms }: BareArgon2Plan): Promise<BareArgon2Result> => {
  const encoded = await hash(password, parameters)
  const startedMs = sharedNowMs()
  let verified = 0
  const caller = async (): Promise<void> => {
    while (sharedNowMs() - startedMs < ms) {
      if (!(await verify(encoded, password))) throw new Error('the password does not match')
      verified += 1
    }
  }
  await Promise.all(Array.from({ length: callers }, caller))
  return { verified, elapsedMs: sharedNowMs() - startedMs }
}

serve(measure)
