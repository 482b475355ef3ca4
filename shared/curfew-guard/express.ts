export * from '../../shared/guard/express.ts'
