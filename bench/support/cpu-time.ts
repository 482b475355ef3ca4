/**
 * Milliseconds of processor time of this process, its helper threads included. On a shared machine
 * it says what the work cost; a wall clock says how long others had the processor too.
 */
export const cpuMs = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}
