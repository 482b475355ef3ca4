export { type ConfiguredWitness, isWitness, parseWitness } from './configured-witness.ts'
export { keepDurably, openWitnessRounds, WitnessRounds } from './witness-rounds.ts'
