using System.Diagnostics;
using System.IO.Compression;
using System.Security.Cryptography;
using CMUNeXt.Dicom.Tests;
using CMUNeXt.Imaging;
using CMUNeXt.Masks;
using CMUNeXt.Server.Serving;
using CMUNeXt.Tests;
using CMUNeXt.Weights;

namespace CMUNeXt.Server.Tests;

/// <summary>
/// The page in Debian's Chromium, worked by tests/server/page.mjs through Playwright; skipped where they are not installed
/// (tests/server/install.sh). Screenshots stay in the folder PageTests beside the tests' assembly.
/// </summary>
public sealed class PageTests
{
    // A scenario takes seconds; a browser that hangs would hang all tests.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);
    private static readonly string Screenshots = Path.Combine(AppContext.BaseDirectory, "PageTests");

    [Theory]
    [InlineData("example")]
    [InlineData("thresholds")]
    [InlineData("brush")]
    [InlineData("slider")]
    [InlineData("another")]
    [InlineData("eraser")]
    [InlineData("lasso")]
    [InlineData("keyboard")]
    [InlineData("touch")]
    [InlineData("narrow")]
    [InlineData("steady")]
    [InlineData("scale")]
    [InlineData("resolution")]
    [InlineData("tissue")]
    [InlineData("pair")]
    [InlineData("folders")]
    [InlineData("warnings")]
    [InlineData("strip")]
    [InlineData("reference")]
    [InlineData("report")]
    [InlineData("reload")]
    [InlineData("insecure")]
    [InlineData("uncommitted")]
    [InlineData("denied")]
    [InlineData("display")]
    [InlineData("language")]
    [InlineData("accessibility")]
    public Task A_person_works_the_page(string scenario) => Work(scenario);

    [Theory]
    [InlineData("US1_UNCI.dcm")]
    [InlineData("OBXXXX1A_rle_2frame.dcm")]
    public Task A_person_opens_a_dicom_file(string name) => Work("dicom", Reference.Path("data", "dicom", name));

    [Fact]
    public Task A_person_corrects_one_frame_and_no_other() => Work("frames", Reference.Path("data", "dicom", "OBXXXX1A_rle_2frame.dcm"));

    [Fact]
    public async Task A_mask_is_stored_as_of_the_frame_and_by_the_weights_that_made_it()
    {
        using OrthancServer archive = new();
        archive.Send(Reference.Path("data", "dicom", "OBXXXX1A_rle_2frame.dcm"), "-xr");
        await Work("provenance", options: RunningServer.Options with
        {
            Archive = new Uri(archive.Url),
            Weights = [new("first", Pretrained.BreastUltrasound), new("second", Pretrained.BreastUltrasound)],
        });
    }

    [Fact]
    public async Task A_correction_comes_back_under_the_weights_that_it_was_made_with()
    {
        using OrthancServer archive = new();
        archive.Send(Reference.Path("data", "dicom", "OBXXXX1A_rle_2frame.dcm"), "-xr");
        string other = Path.Combine(Directory.CreateTempSubdirectory("cmunext").FullName, "other.safetensors");
        LoadedWeights weights = Pretrained.BreastUltrasound;
        WeightsFile.Save(other, weights.State, weights.Describe() with { Recipe = "another" });
        try
        {
            await Work("remembered", options: RunningServer.Options with
            {
                Archive = new Uri(archive.Url),
                Weights = [new("first", weights), new("second", WeightsFile.Load(other))],
            });
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(other)!, recursive: true);
        }
    }

    [Fact]
    public async Task A_person_opens_studies_of_the_archive_and_stores_a_corrected_mask()
    {
        using OrthancServer archive = new();
        archive.Send(Reference.Path("data", "dicom", "US1_UNCI.dcm"), "-R");
        archive.Send(Reference.Path("data", "dicom", "OBXXXX1A_rle_2frame.dcm"), "-xr");
        await Work("archive", options: RunningServer.Options with { Archive = new Uri(archive.Url) });
        string[] modalities =
            [.. archive.Instances().Values.Select(static tags => tags.GetProperty("Modality").GetString()!).Order(StringComparer.Ordinal)];
        Assert.Equal(["OT", "SEG", "SEG", "SR", "SR", "US", "US"], modalities);
    }

    [Fact]
    public async Task Everything_is_saved_as_the_library_finds_it()
    {
        string folder = await Work("save");
        using Segmenter segmenter = Segmenter.Load(Pretrained.BreastUltrasound);
        Segmentation expected = segmenter.Segment(ImageFile.Load(RunningServer.Phantoms[0]));
        using ZipArchive saved = ZipFile.OpenRead(Path.Combine(folder, "session.zip"));
        Assert.Equal(
            ["NOTICE.txt", "phantom_0001_contours.json", "phantom_0001_mask.png", "phantom_0001_overlay.png", "session.csv"],
            saved.Entries.Select(entry => entry.FullName).Order(StringComparer.Ordinal));
        using MemoryStream mask = new();
        using (Stream stored = saved.GetEntry("phantom_0001_mask.png")!.Open())
        {
            stored.CopyTo(mask);
        }

        Assert.Equal(
            expected.Mask.Pixels.Select(value => value == 0 ? (byte)0 : (byte)255), ImageFile.DecodeGray(mask.ToArray(), "mask").Pixels);
        using StreamReader table = new(saved.GetEntry("session.csv")!.Open());
        string[] lines = table.ReadToEnd().Split("\r\n");
        Dictionary<string, string> row = lines[0].Split(',').Zip(lines[1].Split(',')).ToDictionary();
        Assert.Equal($"{expected.Area}", row["area_px"]);
        Assert.Equal(("1", "breast-ultrasound"), (row["frame"], row["weights"]));
        Assert.Equal(
            Convert.ToHexStringLower(SHA256.HashData(
                File.ReadAllBytes(Repository.Path("src", "CMUNeXt.Pretrained", "breast-ultrasound.safetensors")))),
            row["weights_sha256"]);
    }

    private static async Task<string> Work(string scenario, string? dicom = null, ServerOptions? options = null)
    {
        string script = Repository.Path("tests", "server", "page.mjs");
        bool isInstalled = File.Exists("/usr/bin/chromium")
            && Directory.Exists(Repository.Path("tests", "server", "node_modules", "playwright-core"));
        Assert.SkipUnless(isInstalled, "Chromium or Playwright is not installed: run tests/server/install.sh.");
        string folder = Path.Combine(Screenshots, scenario);
        Directory.CreateDirectory(Path.Combine(folder, "images"));
        foreach (string phantom in RunningServer.Phantoms)
        {
            File.Copy(phantom, Path.Combine(folder, "images", Path.GetFileName(phantom)), overwrite: true);
        }

        using Segmenter segmenter = Segmenter.Load(Pretrained.BreastUltrasound);
        Mask mask = segmenter.Segment(ImageFile.Load(RunningServer.Phantoms[0])).Mask;
        ImageFile.SaveMask(Path.Combine(folder, "mask.png"), mask, MaskValues.ZeroOr255);
        ImageFile.SaveMask(Path.Combine(folder, "images", "phantom_0001_mask.png"), mask, MaskValues.ZeroOr255);
        ImageFile.SavePng(Path.Combine(folder, "images", "white.png"), RunningServer.White);
        File.WriteAllBytes(Path.Combine(folder, "images", "measured.png"), RunningServer.PhantomWithPixelSize);
        if (dicom is not null)
        {
            File.Copy(dicom, Path.Combine(folder, "images", "image.dcm"), overwrite: true);
        }

        await using RunningServer server = await RunningServer.Start(options);
        ProcessStartInfo start = new("node", [script, server.Address.ToString(), scenario, folder])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process node = Process.Start(start)!;
        using CancellationTokenSource late = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        late.CancelAfter(Longest);
        await using CancellationTokenRegistration kill = late.Token.Register(() => node.Kill(entireProcessTree: true));
        Task<string> errors = node.StandardError.ReadToEndAsync(CancellationToken.None);
        string output = await node.StandardOutput.ReadToEndAsync(CancellationToken.None);
        await node.WaitForExitAsync(CancellationToken.None);
        Assert.False(late.IsCancellationRequested, $"The browser did not end within {Longest}. {output}");
        Assert.True(node.ExitCode == 0, output + await errors);
        return folder;
    }
}
