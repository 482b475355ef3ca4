import type { Results } from '../results.ts'
import { dark, light, type Palette } from './palette.ts'
import { refusalPicture } from './refusal-picture.ts'
import { rotationPicture } from './rotation-picture.ts'

const drawings = [
  ['rotation', rotationPicture],
  ['refusal-latency', refusalPicture],
] as const

const palettes: readonly (readonly [string, Palette])[] = [
  ['', light],
  ['-dark', dark],
]

/** The pictures of README, from what was measured: their files in `docs`, and their text. */
export const picturesOf = (results: Results): readonly (readonly [string, string])[] =>
  drawings.flatMap(([name, draw]) =>
    palettes.flatMap(([suffix, palette]) => {
      const text = draw(results, palette)
      return text === null ? [] : [[`docs/${name}${suffix}.svg`, text] as const]
    }),
  )
