import type { Command } from 'commander'
import { program } from '../../../services/cli/main.ts'

const withoutPlaceholders = (line: string): string => line.replace(/<[^>]*>|'[^']*'|…/g, 'X')

const optionOf = (command: Command, word: string) => {
  const name = word.replace(/=.*/, '')
  const known = [command, command.parent].flatMap((one) => one?.options ?? [])
  return known.find(({ long, short }) => long === name || short === name)
}

/**
 * What `curfew <line>` has that no command of that name takes; placeholders (`<sid>`, `FILE`, `…`)
 * count as words. That something is missing is no mistake: prose names commands without their
 * arguments.
 */
export const mistakesIn = (line: string): string[] => {
  let command = program(() => {})
  let words = 0
  let isValue = false
  const mistakes: string[] = []
  for (const word of withoutPlaceholders(line).trim().split(/\s+/)) {
    const option = word.startsWith('-') ? optionOf(command, word) : undefined
    const inner = command.commands.find((one) => [one.name(), ...one.aliases()].includes(word))
    if (isValue) isValue = false
    else if (word === '--help') continue
    else if (word.startsWith('-')) {
      if (!option) mistakes.push(`${line}: no option ${word}`)
      isValue = (option?.required ?? false) && !word.includes('=')
    } else if (inner) command = inner
    else {
      words += 1
      if (words > command.registeredArguments.length) mistakes.push(`${line}: not ${word}`)
    }
  }
  return mistakes
}
