using System.Diagnostics;
using System.Text.Json;
using CMUNeXt.Dicom;
using CMUNeXt.Dicom.Tests;
using CMUNeXt.Dicom.Tests.Orthanc;
using CMUNeXt.Tests;

namespace CMUNeXt.Cli.Tests.Archive;

/// <summary>The worker beside a real Orthanc.</summary>
public sealed class ArchiveTests : IDisposable
{
    private const int Kills = 10;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Results_of_real_devices_images_come_back_valid_and_masks_are_ours_bit_for_bit()
    {
        using OrthancServer server = new();
        (string Name, string[] Options)[] files =
        [
            ("US1_UNCI.dcm", ["-R"]), ("color-pl.dcm", ["-R"]), ("OBXXXX1A.dcm", ["-R"]), ("gdcm-US-ALOKA-16.dcm", ["-R"]),
            ("OBXXXX1A_rle_2frame.dcm", ["-xr"]), ("examples_ybr_color.dcm", ["-xy"]), ("JPGLosslessP14SV1_1s_1f_8b.dcm", ["-xs"]),
            ("US1_J2KR.dcm", ["-xv"]), ("badVR.dcm", ["-R"]),
        ];
        foreach ((string name, string[] options) in files)
        {
            // Two of the files have one identifier.
            string path = folder.File(name);
            File.Copy(Reference.Path("data", "dicom", name), path);
            DicomTools.Run("dcmodify", "-q", "-nb", "-gin", path);
            server.Send(path, options);
        }

        (int status, _, string error) =
            CommandProcess.Run("dicom", "--orthanc", server.Url, "--state", folder.File("state.json"), "--from-start", "--once");
        Assert.True(status == ExitStatus.Done, error);
        Assert.Contains("JPEG 2000", error);
        string alone = Assert.Single(error.Split('\n'), line => line.Contains("left alone", StringComparison.Ordinal));
        Assert.Contains("not 'US'", alone, StringComparison.Ordinal);

        // JPEG 2000 is what neither side decodes without a plugin; a dose is no ultrasound.
        IReadOnlyDictionary<string, JsonElement> instances = server.Instances();
        string[] sources = [.. instances.Where(one => Is(one.Value, "Modality", "US")).Select(one => one.Key)];
        Assert.Equal(files.Length - 1, sources.Length);
        string[] masks = [.. instances.Where(one => Is(one.Value, "Modality", "SEG")).Select(one => one.Key)];
        string[] others =
        [
            .. instances.Where(one => Is(one.Value, "Modality", "OT") || Is(one.Value, "Modality", "SR")).Select(one => one.Key),
        ];
        Assert.Equal(files.Length - 2, masks.Length);
        Assert.Equal(2 * (files.Length - 2), others.Length);

        using Segmenter segmenter = Segmenter.Load(Pretrained.BreastUltrasound, new() { Threads = 1 });
        foreach (string mask in masks)
        {
            string source = SourceOf(instances, sources, mask);
            Assert.Equal(Study(instances[source]), Study(instances[mask]));
            server.Fetch(source, folder.File("source.dcm"));
            server.Fetch(mask, folder.File("seg.dcm"));
            DicomTools.AssertValid(folder.File("seg.dcm"), folder.File("source.dcm"));
            AssertMask(segmenter, folder.File("source.dcm"), folder.File("seg.dcm"));
        }

        foreach (string other in others)
        {
            string source = SourceOf(instances, sources, other);
            Assert.Equal(Study(instances[source]), Study(instances[other]));
            server.Fetch(source, folder.File("source.dcm"));
            server.Fetch(other, folder.File("other.dcm"));
            DicomTools.AssertValid(folder.File("other.dcm"), folder.File("source.dcm"));
        }
    }

    [Fact]
    public void Whichever_side_is_killed_at_any_moment_nothing_is_lost_or_doubled()
    {
        const int SentEachTime = 3;
        using OrthancServer server = new();
        string[] arguments = ["dicom", "--orthanc", server.Url, "--state", folder.File("state.json"), "--from-start"];
        Random random = new(21);
        CommandProcess worker = CommandProcess.Start(arguments);
        try
        {
            for (int kill = 0; kill < Kills; kill++)
            {
                int before = server.Instances().Count;
                for (int i = 0; i < SentEachTime; i++)
                {
                    string path = folder.File("image.dcm");
                    new MadeFile("RGB") { InstanceUid = $"1.2.3.4.{(kill * SentEachTime) + i + 1}" }.Write(folder, path);
                    server.Send(path);
                }

                // Of four kills one is in the midst of the work for certain, and the others are at any moment.
                if (kill % 4 == 0)
                {
                    Wait.Until("result beside the images", () => server.Instances().Count > before + SentEachTime);
                }
                else
                {
                    Thread.Sleep(random.Next(1200));
                }

                if (kill % 2 == 0)
                {
                    worker.Kill();
                    worker.Dispose();
                    worker = CommandProcess.Start(arguments);
                }
                else
                {
                    server.Kill();
                    server.Start();
                }
            }

            worker.Kill();
        }
        finally
        {
            worker.Dispose();
        }

        (int status, _, string error) = CommandProcess.Run([.. arguments, "--once"]);
        Assert.True(status == ExitStatus.Done, error);

        IReadOnlyDictionary<string, JsonElement> instances = server.Instances();
        string[] sources = [.. instances.Where(one => Is(one.Value, "Modality", "US")).Select(one => one.Key)];
        Assert.Equal(Kills * SentEachTime, sources.Length);
        foreach (string modality in (string[])["SEG", "OT", "SR"])
        {
            string[] results = [.. instances.Where(one => Is(one.Value, "Modality", modality)).Select(one => one.Key)];
            Assert.Equal(sources.Order(), results.Select(result => SourceOf(instances, sources, result)).Order());
        }
    }

    [Fact]
    public void A_dry_run_stores_nothing_and_filters_choose()
    {
        using OrthancServer server = new();
        DicomTools.Need("dump2dcm");
        foreach ((string uid, string description) in ((string, string)[])[("1.2.3.4.1", "BREAST LEFT"), ("1.2.3.4.2", "THYROID")])
        {
            new MadeFile("RGB") { InstanceUid = uid, Extra = $"(0008,103e) LO {description}\n" }.Write(folder, folder.File("image.dcm"));
            server.Send(folder.File("image.dcm"));
        }

        string[] arguments =
            ["dicom", "--orthanc", server.Url, "--state", folder.File("state.json"), "--from-start", "--once", "--description", "breast"];
        (int status, _, string error) = CommandProcess.Run([.. arguments, "--dry-run"]);
        Assert.True(status == ExitStatus.Done, error);
        Assert.Single(error.Split('\n'), line => line.Contains("would segment", StringComparison.Ordinal));
        Assert.Single(error.Split('\n'), line => line.Contains("left alone", StringComparison.Ordinal)
            && line.Contains("its description has no 'breast'", StringComparison.Ordinal));
        Assert.Equal(2, server.Instances().Count);
        Assert.False(File.Exists(folder.File("state.json")));

        Assert.Equal(ExitStatus.Done, CommandProcess.Run(arguments).Status);
        Assert.Equal(5, server.Instances().Count);
    }

    [Fact]
    public void Without_overlays_mask_and_report_are_stored_and_the_mask_says_that_it_is_of_flips()
    {
        using OrthancServer server = new();
        DicomTools.Need("dump2dcm");
        new MadeFile("RGB").Write(folder, folder.File("image.dcm"));
        server.Send(folder.File("image.dcm"));
        (int status, _, string error) = CommandProcess.Run(
            "dicom", "--orthanc", server.Url, "--state", folder.File("state.json"), "--from-start", "--once", "--no-overlay", "--tta");
        Assert.True(status == ExitStatus.Done, error);
        Assert.Equal(["SEG", "SR", "US"], server.Instances().Values.Select(ModalityOf).Order(StringComparer.Ordinal));
        Assert.Contains(
            "mean of flips", server.Instances().Values.Single(static one => ModalityOf(one) == "SEG").ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_temporary_folder_that_is_not_there_is_waited_for_and_no_instance_is_given_up()
    {
        const int Sent = 3;
        using OrthancServer server = new();
        DicomTools.Need("dump2dcm");
        for (int i = 1; i <= Sent; i++)
        {
            new MadeFile("RGB") { InstanceUid = $"1.2.3.4.{i}" }.Write(folder, folder.File("image.dcm"));
            server.Send(folder.File("image.dcm"));
        }

        string gone = folder.File("gone");
        using CommandProcess worker = CommandProcess.StartWithTemporaryFolder(
            gone, "dicom", "--orthanc", server.Url, "--state", folder.File("state.json"), "--from-start", "--once");
        worker.WaitForError($"waiting for {gone}");
        Directory.CreateDirectory(gone);
        (int status, _, string error) = worker.WaitForExit();
        Assert.True(status == ExitStatus.Done, error);
        Assert.DoesNotContain("\"failed ", error, StringComparison.Ordinal);
        Assert.Equal(4 * Sent, server.Instances().Count);
        Assert.Empty(Directory.GetFileSystemEntries(gone, "cmunext-dicom-*"));
    }

    [Fact]
    public void What_a_killed_worker_left_in_the_temporary_folder_goes_at_the_next_start_and_what_another_holds_stays()
    {
        DicomTools.Need("dump2dcm");
        new MadeFile("RGB").Write(folder, folder.File("image.dcm"));
        string temporary = Directory.CreateDirectory(folder.File("temporary")).FullName;

        // Without room, so that each worker waits with the results that it has written.
        using FaultyArchive archive = new(File.ReadAllBytes(folder.File("image.dcm")));
        archive.Fault = static request => request is "POST /instances" ? 507 : 0;
        using CommandProcess first = Start("first.json");
        first.WaitForError("waiting for room in");
        string left = Assert.Single(Folders());
        first.Kill();
        Assert.Single(Directory.GetFiles(left, "result_overlay.dcm", SearchOption.AllDirectories));

        using CommandProcess second = Start("second.json");
        second.WaitForError("waiting for room in");
        string held = Assert.Single(Folders());
        Assert.NotEqual(left, held);

        using CommandProcess third = Start("third.json", "--once", "--dry-run");
        (int status, _, string error) = third.WaitForExit();
        Assert.True(status == ExitStatus.Done, error);
        Assert.Equal([held], Folders());
        second.Kill();

        string[] Folders() => Directory.GetDirectories(temporary, "cmunext-dicom-*");

        CommandProcess Start(string state, params string[] more) => CommandProcess.StartWithTemporaryFolder(
            temporary, ["dicom", "--orthanc", archive.Url, "--state", folder.File(state), "--from-start", .. more]);
    }

    [Fact]
    public void Results_are_sent_on_to_a_modality()
    {
        string error = SendOn(out string[] received);
        Assert.Equal(["OT", "SEG", "SR"], received);
        Assert.Single(error.Split('\n'), line => line.Contains("\"segmented ", StringComparison.Ordinal));
        Assert.DoesNotContain("\"refused ", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_modality_that_takes_no_masks_gets_overlay_and_report_and_a_line_says_what_it_refused()
    {
        File.WriteAllText(folder.File("no-masks.cfg"), """
            [[TransferSyntaxes]]
            [Plain]
            TransferSyntax1 = LittleEndianExplicit
            TransferSyntax2 = LittleEndianImplicit
            [[PresentationContexts]]
            [NoMasks]
            PresentationContext1 = VerificationSOPClass\Plain
            PresentationContext2 = SecondaryCaptureImageStorage\Plain
            PresentationContext3 = ComprehensiveSRStorage\Plain
            [[Profiles]]
            [Default]
            PresentationContexts = NoMasks
            """);
        string error = SendOn(out string[] received, "-xf", folder.File("no-masks.cfg"), "Default");
        Assert.Equal(["OT", "SR"], received);
        string refused = Assert.Single(error.Split('\n'), line => line.Contains("\"refused ", StringComparison.Ordinal));
        Assert.Contains("kind=SEG modality=pacs: ", refused, StringComparison.Ordinal);
        Assert.Contains("transcode", refused, StringComparison.Ordinal);
        Assert.DoesNotContain("\"failed ", error, StringComparison.Ordinal);
    }

    // Segments an image, has the results sent on to a receiver, and gives the log, and the modalities that arrived.
    private string SendOn(out string[] received, params string[] options)
    {
        using OrthancServer server = new();
        DicomTools.Need("dump2dcm", "storescp", "echoscu");
        new MadeFile("RGB").Write(folder, folder.File("image.dcm"));
        server.Send(folder.File("image.dcm"));
        string inbox = Directory.CreateDirectory(folder.File("received")).FullName;
        using Process receiver = FreePort.Listen(StartReceiver);
        using CommandProcess worker = CommandProcess.Start(
            "dicom", "--orthanc", server.Url, "--state", folder.File("state.json"), "--from-start", "--once", "--send", "pacs");
        try
        {
            (int status, _, string error) = worker.WaitForExit();
            Assert.True(status == ExitStatus.Done, error);
            received =
            [
                .. Directory.GetFiles(inbox).Select(path => DicomTools.Run("dcmdump", "-q", "+P", "0008,0060", path).Split('[', ']')[1])
                    .Order(StringComparer.Ordinal),
            ];
            return error;
        }
        finally
        {
            receiver.Kill();
            receiver.WaitForExit();
        }

        // It ends where its port is taken.
        Process StartReceiver(int port)
        {
            server.AddModality("pacs", port);
            Process started = Process.Start("storescp", [.. options, "-od", inbox, $"{port}"]);
            Wait.Until("receiver", () => started.HasExited || DicomTools.TryRun("echoscu", "localhost", $"{port}").Status == 0);
            return started.HasExited ? throw new IOException("The receiver has ended.") : started;
        }
    }

    private static string ModalityOf(JsonElement tags) => tags.GetProperty("Modality").GetString()!;

    private static bool Is(JsonElement tags, string keyword, string value) =>
        tags.TryGetProperty(keyword, out JsonElement tag) && tag.GetString() == value;

    private static string Study(JsonElement tags) => tags.GetProperty("StudyInstanceUID").GetString()!;

    private static string SourceOf(IReadOnlyDictionary<string, JsonElement> instances, string[] sources, string result)
    {
        JsonElement reference = Is(instances[result], "Modality", "SR")
            ? instances[result].GetProperty("CurrentRequestedProcedureEvidenceSequence")[0].GetProperty("ReferencedSeriesSequence")[0]
                .GetProperty("ReferencedSOPSequence")[0]
            : instances[result].GetProperty("SourceImageSequence")[0];
        string uid = reference.GetProperty("ReferencedSOPInstanceUID").GetString()!;
        return Assert.Single(sources, source => instances[source].GetProperty("SOPInstanceUID").GetString() == uid);
    }

    // Of a loop the mask of the frame with the largest lesion is stored: it is among those of all frames.
    private void AssertMask(Segmenter segmenter, string source, string segmentation)
    {
        string readable = source;
        if (DicomTools.Run("dcmdump", "-q", "+P", "0002,0010", source).Contains("JPEGLossless", StringComparison.Ordinal))
        {
            readable = folder.File("decompressed.dcm");
            DicomTools.Run("dcmdjpeg", source, readable);
        }

        using DicomFile file = DicomFile.Open(readable);
        DicomImage image = file.OpenImage();
        Python.Pydicom.Run("segmentation.py", segmentation, folder.File("mask"));
        byte[] stored = File.ReadAllBytes(folder.File("mask"));
        Assert.Contains(Enumerable.Range(0, image.FrameCount), frame =>
            segmenter.Segment(image.ReadFrame(frame)).Mask.Pixels.AsSpan().SequenceEqual(stored));
    }
}
