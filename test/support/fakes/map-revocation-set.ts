import type { Revocation } from '../../../shared/events/revocation-record.ts'
import type { RevocationSet } from '../../../shared/guard/revocation-set/revocation-set.ts'
import type { EpochMs, RevocationKey } from '../../../shared/kernel/ids.ts'
import type { BearerClaims } from '../../../shared/tokens/claims.ts'

type Entry = Readonly<{ cutoff: number; minute: number }>

const minuteOf = (at: EpochMs): number => Math.floor(at / 60_000)

/** The model of a revocation set: one map, one line a rule, about 200 bytes an entry. */
export class MapRevocationSet implements RevocationSet {
  readonly #entries = new Map<RevocationKey, Entry>()
  #minute = 0

  get size(): number {
    return this.#entries.size
  }

  get bytes(): number {
    return this.#entries.size * 200
  }

  add({ key, cutoff: given, expiresAt }: Revocation): boolean {
    const minute = minuteOf(expiresAt)
    if (minute < this.#minute) return false
    const cutoff = given ?? -1
    const known = this.#entries.get(key) ?? { cutoff: -1, minute: -1 }
    this.#entries.set(key, {
      cutoff: Math.max(cutoff, known.cutoff),
      minute: Math.max(minute, known.minute),
    })
    return cutoff > known.cutoff || minute > known.minute
  }

  addRow(of: 'jti' | 'sid', rows: DataView, at: number): boolean {
    const id = Buffer.from(rows.buffer, rows.byteOffset + at, 16).toString('hex')
    const expiresAt = (rows.getUint32(at + 16, true) * 60_000) as EpochMs
    const told = { cutoff: null, expiresAt, reason: 'logout', revokedAt: expiresAt }
    return this.add({ ...told, key: `${of}:${id}` })
  }

  reserve(): void {}

  match({ jti, sid, sub, client_id: client, epoch }: BearerClaims): RevocationKey | null {
    if (this.#entries.has(`sid:${sid}`)) return `sid:${sid}`
    if (this.#entries.has(`jti:${jti}`)) return `jti:${jti}`
    if (epoch.sub < this.#cutoff(`sub:${sub}`)) return `sub:${sub}`
    if (epoch.client < this.#cutoff(`client:${client}`)) return `client:${client}`
    return epoch.all < this.#cutoff('all') ? 'all' : null
  }

  expire(at: EpochMs): void {
    this.#minute = Math.max(this.#minute, minuteOf(at))
    for (const [key, { minute }] of this.#entries) {
      if (minute < this.#minute) this.#entries.delete(key)
    }
  }

  #cutoff(key: RevocationKey): number {
    return this.#entries.get(key)?.cutoff ?? -1
  }
}
