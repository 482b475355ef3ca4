#!/usr/bin/env node
import { keepCompiled, writeCompiled } from '../../shared/typescript/compile-cache.mjs'
import { runTypeScript } from '../../shared/typescript/load.mjs'

// What is told to stop while it still loads has begun nothing. As the first process of a container
// it would not even hear a signal that it does not listen to.
const services = ['start', 'gateway', 'projector', 'orders']
const words = process.argv.slice(process.argv[2] === '--config' ? 4 : 2)
const isService = services.includes(words.find((word) => !word.startsWith('-')))
const signals = isService ? ['SIGTERM', 'SIGINT', 'SIGHUP'] : []
const leave = () => process.exit(0)
for (const name of signals) process.on(name, leave)
const listensItself = () => {
  for (const name of signals) process.off(name, leave)
}

keepCompiled()
await runTypeScript(import.meta.url)
const { run } = await import('./main.ts')
writeCompiled()
await run(process.argv, listensItself)
