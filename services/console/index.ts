export { buildConsole } from './serving/build-console.ts'
export { type ConsoleReader, serveConsole } from './serving/serve-console.ts'
