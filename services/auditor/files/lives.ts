import type { TrailFiles } from './trail-files.ts'
import { type Life, lifePattern, livesFile } from './trail-layout.ts'

/** The lives of a trail, oldest first. */
export const livesOf = (files: TrailFiles): readonly Life[] =>
  (files.read(livesFile)?.toString('utf8') ?? '')
    .split('\n')
    .filter((line) => lifePattern.test(line))

export const addLife = (files: TrailFiles, life: Life): void => {
  const lines = [...livesOf(files), life].map((one) => `${one}\n`)
  files.replace(livesFile, Buffer.from(lines.join('')))
  files.sync()
}
