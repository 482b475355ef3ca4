import type { TrailFiles } from './trail-files.ts'
import { isTreeName, type Life, lifePattern, livesFile } from './trail-layout.ts'

export type LivesFile = Readonly<{
  /** Oldest first, each once. */
  lives: readonly Life[]
  /** What no auditor wrote there. */
  problems: readonly string[]
}>

export const readLives = (files: TrailFiles): LivesFile => {
  const lines = (files.read(livesFile)?.toString('utf8') ?? '').split('\n')
  const problems: string[] = []
  const lives = new Set<Life>()
  if (lines.pop() !== '') problems.push('has a last line without an end')
  for (const [at, line] of lines.entries()) {
    if (!lifePattern.test(line)) problems.push(`has a line ${at + 1} that is no life`)
    else if (lives.has(line)) problems.push(`names the life ${line} twice`)
    else lives.add(line)
  }
  return { lives: [...lives], problems }
}

/** The lives of a trail, oldest first. */
export const livesOf = (files: TrailFiles): readonly Life[] => readLives(files).lives

/** The partitions that a life has a log of, in their order. */
export const partitionsOf = (files: TrailFiles, life: Life): readonly number[] =>
  files
    .names(life)
    .filter((name) => isTreeName(name) && name !== 'heads')
    .map(Number)
    .sort((one, other) => one - other)

export const addLife = (files: TrailFiles, life: Life): void => {
  const lines = [...livesOf(files), life].map((one) => `${one}\n`)
  files.replace(livesFile, Buffer.from(lines.join('')))
  files.sync()
}
