export * from '../guard/express.ts'
