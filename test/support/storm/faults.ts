import { systemClock } from '../../../shared/kernel/clock.ts'
import type { KafkaNode } from '../servers/kafka-cluster.ts'
import type { ServerControl } from '../servers/server-process.ts'
import { until } from '../until.ts'
import { changes, type Operation, type Process, type ServiceName } from './plan.ts'
import type { Service } from './service.ts'
import { linkName, type Site } from './site.ts'

const sleep = (ms: number): Promise<void> => systemClock.sleep(ms)

type Target = Readonly<{
  stop: () => Promise<void>
  kill: () => Promise<void>
  start: () => Promise<void> | void
  pause: () => void
  resume: () => void
}>

const asTarget = (control: ServerControl): Target => ({
  stop: () => control.stop(),
  kill: () => control.kill9(),
  start: () => control.restart(),
  pause: () => control.freeze(),
  resume: () => control.thaw(),
})

const serviceTarget = (service: Service): Target => ({
  stop: async () => {
    const code = await service.stop()
    // No status: the signal met a start that had not come as far as to hear of it.
    if (code !== 0 && code !== null)
      throw new Error(`${service.name} ended with ${code} on SIGTERM`)
  },
  kill: () => service.kill(),
  start: () => service.up(),
  pause: () => service.pause(),
  resume: () => service.resume(),
})

const readyAgain = (service: Service): Promise<void> =>
  until(
    `${service.name} is ready again`,
    async () => (await service.readiness())?.ready === true,
    90_000,
  )

/** Does what an operation says to a site, one at a time to each part of it. */
export class Faults {
  readonly #site: Site
  readonly #busy = new Map<string, Promise<void>>()

  constructor(site: Site) {
    this.#site = site
  }

  /** Resolves once the fault is over and mended; what it does to the fleet is another matter. */
  async perform(operation: Operation): Promise<void> {
    switch (operation.kind) {
      case 'restart':
      case 'kill -9':
      case 'pause':
        return this.#alone(operation.on, () => this.#onProcess(operation))
      case 'clock jump':
        return this.#alone(`${operation.on} clock`, () => this.#jump(operation))
      case 'cut':
        return this.#alone(linkName(operation.on, operation.from), () => this.#cut(operation))
      case 'alter topic':
        return this.#alone('topic', () => this.#alter(operation))
      case 'delete records':
        return this.#alone('topic', () => this.#deleteRecords(operation.percent))
      case 'step down':
        return this.#alone('topic', () => this.#stepDown())
      case 'roll':
        return this.#roll(operation.what)
    }
  }

  async #alone(part: string, work: () => Promise<void>): Promise<void> {
    const before = this.#busy.get(part) ?? Promise.resolve()
    const mine = before.then(work)
    this.#busy.set(
      part,
      mine.catch(() => {}),
    )
    return mine
  }

  #service(name: ServiceName): Service {
    const service = this.#site.services.get(name)
    if (!service) throw new Error(`there is no ${name}`)
    return service
  }

  #target(on: Process, node: number): Target {
    const { cluster, mongo } = this.#site.servers
    if (on === 'database') return asTarget(mongo.control)
    if (on === 'broker') return asTarget(cluster.node(node).control)
    return serviceTarget(this.#service(on))
  }

  async #onProcess({ kind, on, node, ms }: Extract<Operation, { node: number }>): Promise<void> {
    const target = this.#target(on, node)
    switch (kind) {
      case 'restart':
        await target.stop()
        return target.start()
      case 'kill -9':
        await target.kill()
        await sleep(ms)
        return target.start()
      case 'pause':
        target.pause()
        await sleep(ms)
        return target.resume()
    }
  }

  async #jump({ on, seconds, ms }: Extract<Operation, { kind: 'clock jump' }>): Promise<void> {
    const { clock } = this.#service(on)
    await clock.jump(seconds)
    await sleep(ms)
    await clock.right()
  }

  async #cut({ on, from, how, ms }: Extract<Operation, { kind: 'cut' }>): Promise<void> {
    const links = this.#site.links.get(linkName(on, from)) ?? []
    for (const link of links) {
      if (how === 'freeze') link.freeze()
      else link.killAll()
      link.refuseNew(how === 'refuse')
    }
    if (how === 'drop') return
    await sleep(ms)
    // What was frozen stays so: nobody ever tells the two ends.
    for (const link of links) link.refuseNew(false)
  }

  get #topic(): string {
    return `${this.#site.fleet.env['CURFEW_KAFKA_TOPIC_PREFIX'] ?? ''}auth.revocations`
  }

  /** An administrator tries again while the brokers are away. */
  async #insisting(what: string, attempt: () => Promise<void>): Promise<void> {
    await until(
      what,
      () =>
        attempt().then(
          () => true,
          async () => {
            await sleep(300)
            return false
          },
        ),
      60_000,
    )
  }

  async #alter({ change, ms }: Extract<Operation, { kind: 'alter topic' }>): Promise<void> {
    const { operator } = this.#site
    const wanted: Readonly<Record<string, string>> = changes[change]
    let before: Readonly<Record<string, string>> = {}
    await this.#insisting('the topic is altered', async () => {
      before = await operator.settings(this.#topic)
      await operator.alter(this.#topic, wanted)
    })
    await sleep(ms)
    const mended = Object.fromEntries(
      Object.keys(wanted).map((name) => [name, before[name] ?? null]),
    )
    await this.#insisting('the topic is mended', () => operator.alter(this.#topic, mended))
  }

  async #deleteRecords(percent: number): Promise<void> {
    const { operator } = this.#site
    await this.#insisting('records are deleted', async () => {
      const [offsets] = await operator.admin.fetchTopicOffsets(this.#topic)
      const [low, high] = [Number(offsets?.low), Number(offsets?.high)]
      const upTo = low + Math.floor(((high - low) * percent) / 100)
      await operator.deleteRecords({ topic: this.#topic, partition: 0 }, String(upTo))
    })
  }

  async #stepDown(): Promise<void> {
    await this.#insisting('the leader steps down', async () => {
      await this.#site.operator.stepDown({ topic: this.#topic, partition: 0 })
    })
  }

  async #roll(what: Extract<Operation, { kind: 'roll' }>['what']): Promise<void> {
    const { cluster } = this.#site.servers
    if (what === 'brokers') {
      for (const node of cluster.nodes) await this.#alone('broker', () => rolled(node))
      return
    }
    const names: readonly ServiceName[] =
      what === 'gateways' ? ['gateway-1', 'gateway-2'] : ['guard-kafka', 'guard-sse']
    for (const name of names) {
      const service = this.#service(name)
      await this.#alone(name, async () => {
        const target = serviceTarget(service)
        await target.stop()
        await target.start()
        await readyAgain(service)
      })
    }
  }
}

const rolled = async ({ control }: KafkaNode): Promise<void> => {
  await control.stop()
  await control.restart()
}
