#:project ../../../src/CMUNeXt.Imaging
// A copy of a prepared data set of gray images with more cases in it: lesions of a list's cases stand in its healthy images,
// COUNT in turn in each. The network then sees the same tissue with a lesion and without one, so that no background tells it
// the answer:
// dotnet run docs/notebook/results/paste.cs -- DATA LIST COUNT OUTPUT
// OUTPUT/LIST then holds the pasted cases too. Equal arguments make equal files.
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Masks;

(string data, string list, int count, string output) = (args[0], args[1], int.Parse(args[2]), args[3]);
const double LargestShare = 0.25;  // of a lesion in its own image
const double LargestSide = 0.8;    // of a pasted piece in the healthy image
const double Darkest = 15;         // mean gray value of tissue
const int Draws = 20;

foreach (string folder in new[] { "images", "masks/0" })
{
    Directory.CreateDirectory(Path.Combine(output, folder));
    foreach (string path in Directory.GetFiles(Path.Combine(data, folder)))
    {
        File.Copy(path, Path.Combine(output, folder, Path.GetFileName(path)), overwrite: true);
    }
}

foreach (string path in Directory.GetFiles(data, "*.txt"))
{
    File.Copy(path, Path.Combine(output, Path.GetFileName(path)), overwrite: true);
}

string[] names = [.. File.ReadLines(Path.Combine(data, list)).Where(line => line.Length > 0)];
(string Name, Image Image, Mask Mask)[] cases =
[
    .. names.Select(name => (name, ImageFile.Load(Path.Combine(data, "images", name + ".png")),
        ImageFile.LoadMask(Path.Combine(data, "masks", "0", name + ".png"), MaskValues.ZeroOr255))),
];
var lesions = cases.Where(one => one.Mask.Area() is int area && area > 0 && area < LargestShare * one.Mask.Pixels.Length).ToArray();
List<string> pasted = [];
foreach ((string name, Image image, Mask mask) in cases.Where(one => one.Mask.Area() == 0))
{
    for (int k = 1; k <= count; k++)
    {
        Random random = new(Seed($"{name} {k}"));
        for (int draw = 0; draw < Draws; draw++)
        {
            (_, Image source, Mask lesion) = lesions[random.Next(lesions.Length)];
            if (Paste(image, source, lesion, random) is (Image made, Mask where))
            {
                string pastedName = $"{name} lesion {k}";
                ImageFile.SavePng(Path.Combine(output, "images", pastedName + ".png"), made);
                ImageFile.SaveMask(Path.Combine(output, "masks", "0", pastedName + ".png"), where, MaskValues.ZeroOr255);
                pasted.Add(pastedName);
                break;
            }
        }
    }
}

File.WriteAllLines(Path.Combine(output, list), names.Concat(pasted));
Console.WriteLine($"{pasted.Count} cases with a pasted lesion beside the {names.Length} of {list}.");

// One lesion with its surroundings, scaled and turned left to right by chance, somewhere in the image; null where it does not fit.
static (Image, Mask)? Paste(Image image, Image source, Mask lesion, Random random)
{
    (int left, int top, int right, int bottom) = Box(lesion);
    (int aside, int above) = (Math.Max(6, (int)(0.3 * (right - left))), Math.Max(6, (int)(0.3 * (bottom - top))));
    (left, top) = (Math.Max(0, left - aside), Math.Max(0, top - above));
    (right, bottom) = (Math.Min(source.Width, right + aside), Math.Min(source.Height, bottom + above));
    double scale = 0.6 + (0.7 * random.NextDouble());
    (int width, int height) = (Math.Max(8, (int)(scale * (right - left))), Math.Max(8, (int)(scale * (bottom - top))));
    bool flip = random.Next(2) == 1;
    if (width > LargestSide * image.Width || height > LargestSide * image.Height)
    {
        return null;
    }

    float[] piece = Cut(p => source.Pixels[p], source.Width);
    float[] inside = [.. Cut(p => lesion.Pixels[p], source.Width).Select(share => share > 0.5f ? 1f : 0f)];
    int margin = image.Height / 20;
    int y = random.Next(margin, Math.Max(margin, image.Height - height - margin) + 1);
    int x = random.Next(image.Width - width + 1);
    if (y + height > image.Height)
    {
        return null;
    }

    double tissue = Mean(i => image.Pixels[((y + (i / width)) * image.Width) + x + (i % width)], _ => true);
    double around = Mean(i => piece[i], i => inside[i] == 0);
    if (inside.Count(value => value > 0) < 30 || inside.All(value => value > 0) || tissue < Darkest)
    {
        return null;
    }

    // The lesion is as dark beside the tissue as it was beside its own.
    float gain = (float)Math.Clamp((tissue + 5) / (around + 5), 0.5, 2);
    float[] share = Soft(inside, width, height);
    byte[] pixels = [.. image.Pixels];
    byte[] mask = new byte[pixels.Length];
    for (int i = 0; i < piece.Length; i++)
    {
        int to = ((y + (i / width)) * image.Width) + x + (i % width);
        float value = (pixels[to] * (1 - share[i])) + (Math.Clamp(piece[i] * gain, 0, 255) * share[i]);
        pixels[to] = (byte)MathF.Round(value);
        mask[to] = (byte)inside[i];
    }

    return (new Image(image.Width, image.Height, 1, pixels), new Mask(image.Width, image.Height, mask));

    float[] Cut(Func<int, byte> pixel, int stride)
    {
        (int w, int h) = (right - left, bottom - top);
        float[] part = new float[w * h];
        for (int i = 0; i < part.Length; i++)
        {
            part[i] = pixel(((top + (i / w)) * stride) + (flip ? right - 1 - (i % w) : left + (i % w)));
        }

        return Resize.Bilinear(part, w, h, width, height);
    }

    double Mean(Func<int, double> value, Func<int, bool> counts) =>
        Enumerable.Range(0, width * height).Where(counts).Select(value).DefaultIfEmpty().Average();
}

// 1 in the lesion, falling to 0 around it, and 0 at the piece's border.
static float[] Soft(float[] inside, int width, int height)
{
    int radius = Math.Max(2, Math.Max(width, height) / 20);
    float[] wide = new float[inside.Length];
    for (int i = 0; i < wide.Length; i++)
    {
        for (int dy = -2; dy <= 2; dy++)
        {
            for (int dx = -2; dx <= 2; dx++)
            {
                (int x, int y) = ((i % width) + dx, (i / width) + dy);
                wide[i] = Math.Max(wide[i], x >= 0 && x < width && y >= 0 && y < height ? inside[(y * width) + x] : 0);
            }
        }
    }

    // Three means over a window are close to a Gaussian of that radius.
    for (int pass = 0; pass < 3; pass++)
    {
        wide = Average(Average(wide, 1, 0), 0, 1);
    }

    for (int i = 0; i < wide.Length; i++)
    {
        (int x, int y) = (i % width, i / width);
        float aside = Math.Min(x, width - 1 - x) / Math.Max(1, 0.12f * width);
        float above = Math.Min(y, height - 1 - y) / Math.Max(1, 0.12f * height);
        wide[i] *= Math.Min(1, aside) * Math.Min(1, above);
    }

    return wide;

    float[] Average(float[] map, int alongX, int alongY)
    {
        float[] result = new float[map.Length];
        for (int i = 0; i < map.Length; i++)
        {
            float sum = 0;
            for (int d = -radius; d <= radius; d++)
            {
                int x = Math.Clamp((i % width) + (d * alongX), 0, width - 1);
                int y = Math.Clamp((i / width) + (d * alongY), 0, height - 1);
                sum += map[(y * width) + x];
            }

            result[i] = sum / ((2 * radius) + 1);
        }

        return result;
    }
}

static (int Left, int Top, int Right, int Bottom) Box(Mask mask)
{
    int[] at = [.. Enumerable.Range(0, mask.Pixels.Length).Where(i => mask.Pixels[i] > 0)];
    return (at.Min(i => i % mask.Width), at.Min(i => i / mask.Width), at.Max(i => i % mask.Width) + 1, at.Max(i => i / mask.Width) + 1);
}

// Of the text alone: the framework's own hash differs from process to process.
static int Seed(string text) => text.Aggregate(17, (seed, letter) => unchecked((seed * 31) + letter));
