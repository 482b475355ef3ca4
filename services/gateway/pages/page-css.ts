/** Beside `baseCss`: how the sign-in and the account are laid out. */
export const pageCss = `
.skip{position:absolute;left:var(--s4);top:-4rem;background:var(--surface);
  padding:var(--s2) var(--s4);border-radius:0 0 var(--radius-small) var(--radius-small);z-index:1}
.skip:focus{top:0}
.mark{display:inline-flex;align-items:center;gap:var(--s2);font-weight:640;letter-spacing:-.01em;
  color:var(--text);text-decoration:none}
.mark svg{inline-size:1.5rem;block-size:1.5rem;color:var(--accent);flex:none}
.card{background:var(--surface);border:1px solid var(--line);border-radius:var(--radius);
  padding:var(--s5)}
.muted{color:var(--muted)}
.small{font-size:.875rem}
.stack>*+*{margin-block-start:var(--s4)}
.alone{min-block-size:100vh;min-block-size:100dvh;display:grid;align-content:center;
  justify-items:center;padding:var(--s5) var(--s4) var(--s8);gap:var(--s5)}
.alone main{inline-size:100%;max-inline-size:24rem}
.alone h1{font-size:1.375rem}
.alone .card{padding:var(--s6) var(--s5)}
label{display:block;font-weight:560}
.field input{display:block;inline-size:100%;margin-block-start:var(--s1)}
.field .muted{margin-block-start:var(--s1)}
input[type=text],input[type=password]{min-block-size:2.75rem;padding:var(--s2) var(--s3);
  background:var(--surface);border:1px solid var(--edge);border-radius:var(--radius-small)}
input[aria-invalid=true]{border-color:var(--bad);border-inline-start-width:4px}
.choice{display:grid;grid-template-columns:auto 1fr;column-gap:var(--s3);align-items:start}
.choice input{inline-size:1.25rem;block-size:1.25rem;margin:.15rem 0 0;accent-color:var(--accent)}
.choice .muted{grid-column:2}
button,.button{display:inline-block;min-block-size:2.75rem;padding:var(--s2) var(--s4);
  border:1px solid var(--accent);border-radius:var(--radius-small);background:var(--accent);
  color:var(--on-accent);font-weight:600;cursor:pointer;text-decoration:none;text-align:center}
button:hover,.button:hover{filter:brightness(1.08)}
.wide{inline-size:100%}
.quiet,.quiet:hover{background:transparent;color:var(--accent);border-color:var(--edge)}
.danger,.danger:hover{background:transparent;color:var(--bad);border-color:var(--edge)}
.says{border-radius:var(--radius-small);padding:var(--s3) var(--s4);
  border-inline-start:4px solid currentcolor}
.says.bad{background:var(--bad-soft);color:var(--bad)}
.says.good{background:var(--good-soft);color:var(--good)}
.problem{color:var(--bad);font-size:.875rem;margin-block-start:var(--s1)}
.top{border-block-end:1px solid var(--line);background:var(--surface)}
.top>div{max-inline-size:72rem;margin:0 auto;padding:var(--s3) var(--s5);display:flex;
  flex-wrap:wrap;gap:var(--s2) var(--s4);align-items:center;justify-content:space-between}
.top form{display:flex;gap:var(--s3);align-items:center;margin-inline-start:auto}
.account{max-inline-size:72rem;margin:0 auto;padding:var(--s6) var(--s5) var(--s8);display:grid;
  gap:var(--s5);align-items:start}
.account h1{font-size:1.75rem;letter-spacing:-.015em}
.account h2{font-size:1.125rem}
.account>header{display:grid;gap:var(--s2)}
.column{display:grid;gap:var(--s5);min-inline-size:0}
.rows{list-style:none}
.rows>li{display:grid;grid-template-columns:1fr auto;gap:var(--s1) var(--s4);align-items:center;
  padding-block:var(--s4);border-block-start:1px solid var(--line)}
.rows>li:last-child{padding-block-end:0}
.rows>li>*{min-inline-size:0}
.rows strong{font-weight:600}
.tag{display:inline-block;background:var(--good-soft);color:var(--good);border-radius:1rem;
  padding:0 var(--s3);font-size:.8125rem;font-weight:600}
.alert strong{color:var(--bad)}
@media (min-width:64rem){
  .account{grid-template-columns:minmax(0,1fr) 24rem;padding-block-start:var(--s7)}
  .account>header,.account>.says{grid-column:1/-1}
}
@media (max-width:30rem){
  .card,.alone .card{padding:var(--s5) var(--s4)}
  .account,.top>div{padding-inline:var(--s4)}
}
`.replaceAll(/\n\s*/g, '')
