// Converts an SVG to a PNG.

/** Pixels of the picture for each unit of the drawing. */
const RATIO = 2;

export async function pngOf(svg: string): Promise<Blob> {
  const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = RATIO * image.naturalWidth;
    canvas.height = RATIO * image.naturalHeight;
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve, reject) => {
      canvas.toBlob((blob) =>
        blob ? resolve(blob) : reject(new Error('the browser did not make a picture; save an SVG instead')),
      );
    });
  } finally {
    URL.revokeObjectURL(url);
  }
}
