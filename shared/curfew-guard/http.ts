export * from '../../shared/guard/middleware/http.ts'
