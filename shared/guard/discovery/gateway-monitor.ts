import type { Clock } from '../../kernel/clock.ts'
import { isAuthError } from '../../kernel/errors.ts'
import { errorWithCauses, type OnAlarm } from '../api/alarm.ts'
import {
  type ConfiguredPlaces,
  placeConflicts,
  placesOfIssuer,
  type RequestPlaces,
  type TokenPlaces,
  unknownPlaces,
} from '../api/token-places.ts'
import type { TrailWitness } from '../api/trail-sight.ts'
import type { GuardReporter } from '../reporting/index.ts'
import { type ConfiguredTrust, trustConflicts } from './configured-trust.ts'
import type { DiscoveredGateway } from './discovered-gateway.ts'
import type { GatewayMetadata } from './gateway-metadata.ts'
import { metadataChanges } from './metadata-changes.ts'

export type GatewayMonitorOptions = Readonly<{
  gateway: DiscoveredGateway
  configured: ConfiguredTrust
  /** Whether the guard would ask the gateway when it is stale. */
  introspects: boolean
  /** Begins to tell the gateway at this address that the guard is there. */
  startReporting: (guards: URL, witness: Pick<TrailWitness, 'sight'>) => GuardReporter
  /** Begins to compare the heads of the trail that are shown at this address. */
  startWitnessing: (heads: URL) => TrailWitness
  clock: Clock
  onAlarm: OnAlarm
}>

const everyMs = 60_000
const foundEveryMs = 1_000
/** What more of them were told is said when they are made, and not again. */
const adaptersMax = 100
/** No token of anybody: the answer says whether this client may ask. */
const question = 'curfew.guard.question'

/**
 * Checks at once when the gateway was found, and then every minute, that an attached guard could do
 * all that it may have to: introspect, and verify the tokens that the gateway issues now. It also
 * reports the guard to the gateway, and has it watch the trail. Cost: one introspection and one
 * request for the metadata a minute, one report in 5 s.
 */
export class GatewayMonitor {
  readonly #options: GatewayMonitorOptions
  readonly #stop = new AbortController()
  readonly #configuredPlaces: ConfiguredPlaces[] = []
  #running: Promise<void> = Promise.resolve()
  #reporter: GuardReporter | null = null
  #witness: TrailWitness | null = null
  #hasLooked = false

  constructor(options: GatewayMonitorOptions) {
    this.#options = options
  }

  readonly requests: RequestPlaces = {
    current: () => this.#places() ?? this.#usualPlaces(),
    told: (places) => {
      if (this.#configuredPlaces.length < adaptersMax) this.#configuredPlaces.push(places)
      this.#tell(this.#placeDifferences([places]))
    },
  }

  /** Resolves after the first look, where the gateway was found already. */
  async start(): Promise<void> {
    if (this.#options.gateway.metadata() !== null) await this.#look()
    this.#running = this.#run()
  }

  async close(): Promise<void> {
    this.#stop.abort()
    await this.#running
    await this.#reporter?.close()
    await this.#witness?.close()
  }

  async #run(): Promise<void> {
    const { clock, gateway } = this.#options
    const { signal } = this.#stop
    let isFound = gateway.metadata() !== null
    while (!signal.aborted) {
      await clock.sleep(isFound ? everyMs : foundEveryMs, signal)
      isFound = gateway.metadata() !== null
      if (!signal.aborted && isFound) await this.#look()
    }
  }

  async #look(): Promise<void> {
    const { gateway, configured, introspects, startReporting: report } = this.#options
    const metadata = gateway.metadata()
    if (metadata === null) return
    const witness = { sight: () => this.#witness?.sight() ?? null }
    if (metadata.guardsUrl !== null) this.#reporter ??= report(metadata.guardsUrl, witness)
    const now = await this.#currentMetadata(metadata)
    if (now.headUrl !== null) this.#witness ??= this.#options.startWitnessing(now.headUrl)
    this.#tell([
      ...trustConflicts(configured, now),
      ...this.#placeDifferences(this.#configuredPlaces),
      ...metadataChanges(configured, metadata, now),
    ])
    if (introspects) await this.#ask()
  }

  /** At the first look it has just been said. That the gateway is away, others tell. */
  async #currentMetadata(metadata: GatewayMetadata): Promise<GatewayMetadata> {
    if (!this.#hasLooked) {
      this.#hasLooked = true
      return metadata
    }
    try {
      return await this.#options.gateway.fetchMetadata()
    } catch (error) {
      if (isAuthError(error, 'CONFIG_INVALID')) this.#tell([errorWithCauses(error)])
      return metadata
    }
  }

  async #ask(): Promise<void> {
    try {
      await this.#options.gateway.introspect(question)
    } catch (error) {
      this.#options.onAlarm({ kind: 'introspection_failed', detail: errorWithCauses(error) })
    }
  }

  #places(): TokenPlaces | null {
    return this.#options.gateway.metadata()?.places ?? null
  }

  /**
   * Both names of the cookie only until the gateway is known: the one without a prefix any
   * subdomain may set. A gateway of an older version does not name its places.
   */
  #usualPlaces(): TokenPlaces {
    const metadata = this.#options.gateway.metadata()
    return metadata === null ? unknownPlaces : placesOfIssuer(metadata.issuer)
  }

  #placeDifferences(configured: readonly ConfiguredPlaces[]): readonly string[] {
    const places = this.#places()
    return places === null
      ? []
      : [...new Set(configured.flatMap((one) => placeConflicts(one, places)))]
  }

  #tell(differences: readonly string[]): void {
    for (const detail of differences) this.#options.onAlarm({ kind: 'settings_differ', detail })
  }
}
