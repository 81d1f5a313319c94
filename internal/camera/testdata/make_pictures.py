"""Makes pictures/: the same 16x12 picture as JPEG and PNG of unusual kinds. Run here, with Pillow: python3 make_pictures.py

The quarters are red, green (above), blue and yellow (below).
"""
from PIL import Image

picture = Image.new("RGB", (16, 12))
for x, y, colour in ((0, 0, (255, 0, 0)), (8, 0, (0, 255, 0)), (0, 6, (0, 0, 255)), (8, 6, (255, 255, 0))):
    picture.paste(colour, (x, y, x + 8, y + 6))


def save(name, image=picture, **options):
    image.save("pictures/" + name, **options)


save("baseline.jpg", quality=95, subsampling=0)
save("progressive.jpg", quality=95, subsampling=0, progressive=True)
save("optimised_420.jpg", quality=95, subsampling=2, optimize=True)
save("restart_markers.jpg", quality=95, subsampling=0, restart_marker_blocks=1)
save("cmyk.jpg", picture.convert("CMYK"), quality=95, subsampling=0)
save("gray.jpg", picture.convert("L"), quality=95)
exif = Image.Exif()
exif[0x0112] = 6  # to be shown turned by 90 degrees
save("turned.jpg", quality=95, subsampling=0, exif=exif)

save("rgb.png")
save("rgba.png", picture.convert("RGBA"))
save("palette.png", picture.convert("P", palette=Image.Palette.ADAPTIVE, colors=4), bits=2)
save("gray.png", picture.convert("L"))
save("gray_alpha.png", picture.convert("LA"))
save("gray16.png", picture.convert("L").point(lambda v: v * 257, "I").convert("I;16"))
save("two_colours.png", picture.convert("1", dither=Image.Dither.NONE))
save("animated.png", save_all=True, append_images=[Image.new("RGB", (16, 12), (9, 9, 9))], duration=40)
save("other.gif")
save("other.bmp")
save("other.webp")
save("other.tiff")
