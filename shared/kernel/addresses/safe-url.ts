const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host)

/** https, or http where nobody is on the way; or anywhere, when something else protects it. */
export const isSafeUrl = ({ protocol, hostname }: URL, insecure: boolean): boolean =>
  protocol === 'https:' || (protocol === 'http:' && (insecure || isLoopback(hostname)))
