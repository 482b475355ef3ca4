export type { ConfiguredTrust } from './configured-trust.ts'
export { discoveredGateway } from './discovered-gateway.ts'
export { GatewayMonitor } from './gateway-monitor.ts'
