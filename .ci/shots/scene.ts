import type { Page } from 'playwright-core'

/** One picture of docs/shots. */
export type Scene = Readonly<{
  /** The file, without `.png`. */
  name: string
  width: number
  height: number
  colors: 'light' | 'dark'
  /** English without it. */
  locale?: string
  /** Leads a page of a new browser profile to what is to be seen. */
  open: (page: Page) => Promise<unknown>
}>

/** Makes a world, and gives the scenes in it to `shoot`, one after another. */
export type Scenes = (shoot: (scene: Scene) => Promise<void>) => Promise<void>
