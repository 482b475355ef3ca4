import type { AnswerRows } from '../../../gateway/answers.ts'
import { Copy, Id } from './id.tsx'
import { When } from './when.tsx'

type Props = Readonly<{ rows: readonly AnswerRows['tokens'][] }>

/** The tokens of a session, what ended each, and how to prove it. */
export const Tokens = ({ rows }: Props) => (
  <div class="table">
    <table>
      <thead>
        <tr>
          <th scope="col">Token</th>
          <th scope="col">Kind</th>
          <th scope="col">Issued</th>
          <th scope="col">Expires</th>
          <th scope="col">Ended</th>
          <th scope="col">Proof</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ jti, kind, cause, issued_at: issued, expires_at: expires, ended, event }) => (
          <tr key={jti} data-row={jti}>
            <td>
              <Id kind="token" id={jti} />
            </td>
            <td>
              {kind} <span class="quiet">by {cause}</span>
            </td>
            <td>
              <When at={issued} how="clock" />
            </td>
            <td>
              <When at={expires} />
            </td>
            <td>
              {ended ? (
                <>
                  <When at={ended.at} how="clock" /> {ended.reason.replaceAll('_', ' ')}
                </>
              ) : (
                <span class="quiet">–</span>
              )}
            </td>
            <td>
              <span class="id">
                receipt
                <Copy text={`curfew audit receipt ${event}`} what="the command that proves it" />
              </span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
)
