export * from '../../shared/guard/middleware/express.ts'
