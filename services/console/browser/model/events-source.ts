import { batch, signal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import type { AuditPageBody } from '../../../gateway/answers.ts'
import { ask, type Failed } from './ask.ts'
import type { Filter } from './filter.ts'
import { LiveList } from './live-list.ts'
import { Press } from './press.ts'
import { Tail, type TailState } from './tail.ts'

const pageSize = '100'
/** Beyond, somebody reads further down. */
const scrolledPx = 200

/** The events of one filter: pages of them, and what comes, where they are followed. */
class EventsSource {
  readonly list = new LiveList()
  readonly state = signal<TailState>({ kind: 'connecting' })
  readonly failure = signal<Failed | null>(null)
  readonly isLoading = signal(true)
  readonly hasOlder = signal(false)
  readonly isPaused = signal(false)
  /** Somebody looks, and so all rows are drawn; a finger alone holds what it is on. */
  readonly isLookedAt = signal(false)
  readonly #filter: Filter
  readonly #leaving = new AbortController()
  readonly #tail: Tail | null
  readonly #press = new Press(() => this.#judge())
  #next: string | null = null
  #isOver = false
  #isFocused = false

  constructor(filter: Filter, isLive: boolean) {
    this.#filter = filter
    // Before the page is asked for: nothing is missed between the two.
    this.#tail = isLive ? this.#follow() : null
    addEventListener('scroll', this.#judge, { passive: true })
    document.addEventListener('keydown', this.#key)
    void this.loadOlder()
  }

  loadOlder = async (): Promise<void> => {
    this.isLoading.value = true
    const after = this.#next === null ? {} : { after: this.#next }
    const query = { ...this.#filter, ...after, limit: pageSize }
    const answer = await ask<AuditPageBody>('/audit/events', {
      query,
      signal: this.#leaving.signal,
    })
    if (this.#leaving.signal.aborted) return
    batch(() => {
      this.isLoading.value = false
      this.failure.value = answer.ok ? null : answer
      if (!answer.ok) return
      this.#next = answer.body.next
      this.hasOlder.value = answer.body.next !== null
      this.list.addOlder(answer.body.events)
    })
  }

  again = (): void => void this.loadOlder()

  togglePause = (): void => {
    this.isPaused.value = !this.isPaused.value
    this.#judge()
  }

  /** Shows what was kept aside. */
  showNews = (): void => {
    this.isPaused.value = false
    this.#isOver = false
    this.#isFocused = false
    scrollTo({ top: 0 })
    this.isLookedAt.value = false
    this.list.hold(false)
  }

  enter = (event: PointerEvent): void => {
    this.#isOver = event.pointerType === 'mouse'
    this.#judge()
  }

  leave = (): void => {
    this.#isOver = false
    this.#judge()
  }

  press = (): void => this.#press.begin()

  /** By the keyboard: who presses a row looks at it with the pointer. */
  focus = ({ target }: FocusEvent): void => {
    this.#isFocused = target instanceof Element && target.matches(':focus-visible')
    this.#judge()
  }

  /** From one row to the next the focus stays in the list: nothing moves between the two. */
  blur = ({ currentTarget, relatedTarget }: FocusEvent): void => {
    if (currentTarget instanceof Element && relatedTarget instanceof Node) {
      if (currentTarget.contains(relatedTarget)) return
    }
    this.#isFocused = false
    this.#judge()
  }

  close(): void {
    this.#leaving.abort()
    this.#tail?.close()
    this.list.close()
    this.#press.close()
    removeEventListener('scroll', this.#judge)
    document.removeEventListener('keydown', this.#key)
  }

  #follow(): Tail {
    return new Tail({
      query: this.#filter,
      onEvents: (events) => this.list.add(events),
      onState: (state) => {
        this.state.value = state
        if (state.kind === 'refused') this.failure.value = state.failure
      },
    })
  }

  #key = ({ key, target, ctrlKey, metaKey, altKey }: KeyboardEvent): void => {
    const isField = target instanceof Element && /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)
    if (key === 'p' && !isField && !ctrlKey && !metaKey && !altKey) this.togglePause()
  }

  /** No row moves under a pointer, a finger or the focus, or away from who reads further down. */
  #judge = (): void => {
    const isUsed = this.#isOver || this.#isFocused
    this.isLookedAt.value = this.isPaused.value || isUsed || scrollY > scrolledPx
    const isHeld = this.isLookedAt.value || this.#press.isDown
    if (isHeld !== this.list.isHeld.value) this.list.hold(isHeld)
  }
}

export const useEvents = (filter: Filter, isLive: boolean): EventsSource => {
  const key = JSON.stringify([filter, isLive])
  const source = useMemo(() => new EventsSource(filter, isLive), [key])
  useEffect(() => () => source.close(), [source])
  return source
}
