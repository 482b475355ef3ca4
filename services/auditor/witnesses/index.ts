export { type ConfiguredWitness, isWitness, parseWitness } from './configured-witness.ts'
export { keepDurably } from './keep-durably.ts'
export { openWitnessRounds, WitnessRounds } from './witness-rounds.ts'
