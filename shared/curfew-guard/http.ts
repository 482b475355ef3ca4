export * from '../../shared/guard/http.ts'
