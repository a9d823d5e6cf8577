#:project ../../../src/CMUNeXt.Imaging
// IoU and F1 of predicted masks at SIDE x SIDE, both masks resized to it as masks are for a training, the mean over the cases of a list:
// dotnet run docs/notebook/results/judge-at.cs -- PREDICTIONS DATA LIST SIDE
// At 256 it compares networks of any size at the size of the published figures; the authors' code judges the network's own output there.
using CMUNeXt.Imaging;

(string predictions, string data, string list, int side) = (args[0], args[1], args[2], int.Parse(args[3]));
string[] names = [.. File.ReadLines(list).Select(line => line.Trim()).Where(line => line.Length > 0)];
(double Iou, double F1)[] cases = [.. names.Select(Judge)];
(double iou, double f1) = (100 * cases.Average(one => one.Iou), 100 * cases.Average(one => one.F1));
Console.WriteLine(FormattableString.Invariant($"{cases.Length} cases at {side} x {side}: IoU {iou:0.00} %, F1 {f1:0.00} %"));

(double Iou, double F1) Judge(string name)
{
    byte[] predicted = Load(Path.Combine(predictions, $"{name}_mask.png"));
    byte[] reference = Load(Path.Combine(data, "masks", "0", $"{name}.png"));

    // As published, 1e-5 stands beside both terms.
    double both = predicted.Zip(reference).Count(pair => pair is (1, 1)) + 1e-5;
    double sum = predicted.Count(value => value == 1) + reference.Count(value => value == 1) + 1e-5;
    return (both / (sum - both + 1e-5), 2 * both / (sum + 1e-5));
}

byte[] Load(string path) => ImageFile.LoadMask(path, MaskValues.ZeroOr255).Resize(side, side).Pixels;
