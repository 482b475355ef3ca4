#!/usr/bin/env node
import { builtFolder } from '../../shared/typescript/built-folder.mjs'
import { keepCompiled, writeCompiled } from '../../shared/typescript/compile-cache.mjs'
import { loadEntry } from '../../shared/typescript/load-entry.mjs'

// What is told to stop while it still loads has begun nothing. As the first process of a container
// it would not even hear a signal that it does not listen to.
const services = ['start', 'gateway', 'projector', 'auditor', 'witness', 'console', 'orders']
const words = process.argv.slice(process.argv[2] === '--config' ? 4 : 2)
const word = words.find((one) => !one.startsWith('-')) ?? ''
const signals = services.includes(word) ? ['SIGTERM', 'SIGINT', 'SIGHUP'] : []
const leave = () => process.exit(0)
for (const name of signals) process.on(name, leave)
const listensItself = () => {
  for (const name of signals) process.off(name, leave)
}

keepCompiled()
const main = new URL('./main.ts', import.meta.url).href
const { run } = await loadEntry(main, await builtFolder(), word)
writeCompiled()
await run(process.argv, listensItself)
