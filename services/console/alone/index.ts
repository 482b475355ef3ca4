export { createConsoleApp } from './console-app.ts'
export { GatewayDoor } from './gateway-door.ts'
export { GatewayWatch } from './gateway-watch.ts'
