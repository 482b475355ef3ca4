import { systemClock } from '../../../shared/kernel/clock.ts'
import { openCheckpoint } from '../../../shared/tlog/checkpoint.ts'
import type { NoteVerifier } from '../../../shared/tlog/signed-note.ts'
import type { Everything, Fleet, User } from '../processes/fleet.ts'
import { sendHttp } from '../requests/http-send.ts'
import { assert } from '../suite.ts'
import { until } from '../until.ts'

const browsers = 32
/** Then a browser logs out, and its person logs in again. */
const refreshesEach = 100
const limitMs = 400_000

const cookiesOf = (setCookie: readonly string[]): string =>
  setCookie.map((line) => line.split(';')[0] ?? '').join('; ')

/** One after another: attempts at the same moment count as failures until each is known. */
class Logins {
  #last: Promise<unknown> = Promise.resolve()
  readonly #url: string
  readonly #user: User

  constructor(url: string, user: User) {
    this.#url = url
    this.#user = user
  }

  /** The cookies of a new session. */
  next(): Promise<string> {
    const login = this.#last.then(async () => {
      const answer = await sendHttp(`${this.#url}/login`, { method: 'POST', json: this.#user })
      assert.is(answer.status, 200, JSON.stringify(answer.body))
      return cookiesOf(answer.setCookie)
    })
    this.#last = login
    return login
  }
}

/** One browser's life until `isEnough`: login, refreshes, logout, and again. */
const live = async (url: string, logins: Logins, isEnough: () => boolean): Promise<void> => {
  while (!isEnough()) {
    let cookie = await logins.next()
    for (let count = 0; count < refreshesEach && !isEnough(); count += 1) {
      const { status, setCookie } = await sendHttp(`${url}/refresh`, {
        ...{ method: 'POST', headers: { cookie } },
      })
      assert.is(status, 200)
      cookie = cookiesOf(setCookie)
    }
    const logout = await sendHttp(`${url}/logout`, { method: 'POST', headers: { cookie } })
    assert.is(logout.status, 200)
  }
}

/** What the newest signed checkpoint covers; 0 before the first. */
export const signedSize = (bytes: Buffer | null, verifiers: readonly NoteVerifier[]): number =>
  bytes === null ? 0 : openCheckpoint(bytes, verifiers).checkpoint.size

/**
 * Browsers log in, refresh and log out at a running Curfew until its trail has signed at least
 * `events` of what that caused; then Curfew is stopped. @returns how many the trail has
 */
export const liveUntilSigned = async (
  fleet: Fleet,
  curfew: Everything,
  events: number,
  signed: () => number,
): Promise<number> => {
  const user = await fleet.addUser('anna')
  let isEnough = false
  const looking = until(
    `${events} events are signed`,
    async () => {
      await systemClock.sleep(500)
      isEnough = signed() >= events
      return isEnough
    },
    limitMs,
  ).finally(() => {
    isEnough = true
  })
  const logins = new Logins(curfew.url, user)
  const lives = Array.from({ length: browsers }, () => live(curfew.url, logins, () => isEnough))
  await Promise.all([looking, ...lives])
  await curfew.stop()
  return signed()
}
