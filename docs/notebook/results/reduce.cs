#:project ../../../src/CMUNeXt.Imaging
// A copy of a prepared data set whose images are gray and at most SIDE pixels wide and high, bilinearly as the network's own input is:
// dotnet run docs/notebook/results/reduce.cs -- DATA SIDE OUTPUT
// Such a copy of 1,718 images is 70 MB small, and a training on another machine begins the sooner.
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Masks;

(string data, int side, string output) = (args[0], int.Parse(args[1]), args[2]);
string[] masks = Directory.GetDirectories(Path.Combine(data, "masks"));
string[] folders = [Path.Combine(output, "images"), .. masks.Select(mask => Path.Combine(output, "masks", Path.GetFileName(mask)))];
foreach (string folder in folders)
{
    Directory.CreateDirectory(folder);
}

Parallel.ForEach(Directory.GetFiles(Path.Combine(data, "images")), path =>
{
    string file = Path.GetFileNameWithoutExtension(path) + ".png";
    Image image = Gray(ImageFile.Load(path));
    double scale = Math.Min(1, side / (double)Math.Max(image.Width, image.Height));
    (int width, int height) = ((int)Math.Round(image.Width * scale), (int)Math.Round(image.Height * scale));
    ImageFile.SavePng(Path.Combine(output, "images", file), image.Resize(width, height));
    foreach (string folder in masks)
    {
        string source = Path.Combine(folder, file);
        if (File.Exists(source))
        {
            Mask mask = ImageFile.LoadMask(source, MaskValues.ZeroOr255).Resize(width, height);
            ImageFile.SaveMask(Path.Combine(output, "masks", Path.GetFileName(folder), file), mask, MaskValues.ZeroOr255);
        }
    }
});
foreach (string list in Directory.GetFiles(data, "*.txt"))
{
    File.Copy(list, Path.Combine(output, Path.GetFileName(list)), overwrite: true);
}

// The mean of the channels, as the recipe's own input.
static Image Gray(Image image)
{
    if (image.Channels == 1)
    {
        return image;
    }

    byte[] gray = new byte[image.Width * image.Height];
    for (int i = 0; i < gray.Length; i++)
    {
        int sum = 0;
        for (int c = 0; c < 3; c++)
        {
            sum += image.Pixels[(i * image.Channels) + c];
        }

        gray[i] = (byte)Math.Round(sum / 3.0);
    }

    return new Image(image.Width, image.Height, 1, gray);
}
