type Picture = Readonly<{ svg: string; width: number; height: number; ground: string }>

/** For screens with two dots a pixel. */
const scaleMax = 2
/** Beyond, some browsers draw nothing. */
const sideMax = 16_000

const loaded = async (svg: string): Promise<HTMLImageElement> => {
  const image = new Image()
  image.src = `data:image/svg+xml,${encodeURIComponent(svg)}`
  await image.decode()
  return image
}

/**
 * A picture as the dots that this browser draws of it, on `ground`, so that it can be read wherever
 * it is shown; `null` where the browser draws none.
 */
export const pngOf = async ({ svg, width, height, ground }: Picture): Promise<Blob | null> => {
  const scale = Math.min(scaleMax, sideMax / Math.max(width, height))
  const canvas = document.createElement('canvas')
  canvas.width = Math.round(width * scale)
  canvas.height = Math.round(height * scale)
  const pen = canvas.getContext('2d')
  if (!pen) return null
  try {
    const image = await loaded(svg)
    pen.fillStyle = ground
    pen.fillRect(0, 0, canvas.width, canvas.height)
    pen.drawImage(image, 0, 0, canvas.width, canvas.height)
    return await new Promise((resolve) => canvas.toBlob(resolve, 'image/png'))
  } catch {
    return null
  }
}
