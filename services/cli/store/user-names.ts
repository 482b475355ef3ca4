import { setInBoundedMap } from '../../../shared/kernel/bounded-map.ts'
import { subjectId } from '../../../shared/kernel/ids.ts'
import type { UserDirectory } from '../../../shared/ports/user-directory.ts'

const rememberedMax = 10_000

/** Names of subjects, of which each is looked up once. */
export class UserNames {
  readonly #directory: Pick<UserDirectory, 'bySub'>
  readonly #names = new Map<string, string | null>()

  constructor(directory: Pick<UserDirectory, 'bySub'>) {
    this.#directory = directory
  }

  async learn(sub: string | null): Promise<void> {
    if (sub === null || this.#names.has(sub)) return
    const name = (await this.#directory.bySub(subjectId(sub)))?.username ?? null
    setInBoundedMap(this.#names, sub, name, rememberedMax)
  }

  /** The name beside the id; the id alone where nobody has it any more. */
  shown(sub: string | null): string | null {
    const name = sub === null ? null : this.#names.get(sub)
    return name ? `${name} (${sub})` : sub
  }
}
