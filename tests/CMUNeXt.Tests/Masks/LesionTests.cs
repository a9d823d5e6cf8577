using System.Text.Json;
using CMUNeXt.Masks;

namespace CMUNeXt.Tests.Masks;

public sealed class LesionTests
{
    private static readonly Mask Two = TestMasks.Of(
        "2....",
        "...11",
        "...11");

    private static readonly float[] Probability =
    [
        0.75f, 1, 1, 1, 1,
        1, 1, 1, 0.5f, 0.75f,
        1, 1, 1, 1, 0.75f,
    ];

    [Fact]
    public void The_largest_comes_first_with_the_mean_probability_inside()
    {
        IReadOnlyList<Lesion> lesions = Lesion.Find(Two, Probability);
        Assert.Equal([(1, 4, 0.75), (2, 1, 0.75)], lesions.Select(l => (l.Class, l.Area, l.MeanProbability)));
        Assert.All(lesions, lesion => Assert.Null(lesion.Confidence));
        LesionCalibration calibration = new() { Intercept = -1, Slope = 2, ShareSlope = 1, Lesions = 1 };
        Assert.All(Lesion.Find(Two, Probability, calibration), lesion => Assert.Equal(calibration.Confidence(0.75, 1), lesion.Confidence));
        Assert.Equal([new BoundingBox(3, 1, 2, 2), new BoundingBox(0, 0, 1, 1)], lesions.Select(l => l.Box));
        Assert.Equal([new(3, 1), new(4, 1), new(4, 2), new(3, 2)], lesions[0].Contour);
    }

    [Fact]
    public void A_lesion_beside_others_is_less_sure_and_stays_so_when_a_filter_leaves_them_out()
    {
        LesionCalibration calibration = new() { Intercept = -1, Slope = 2, ShareSlope = 1, Lesions = 1 };
        Mask all = TestMasks.Of("1....", "...11", "...11");
        IReadOnlyList<Lesion> found = Lesion.Find(all, Probability, calibration);
        Assert.Equal([calibration.Confidence(0.75, 0.8), calibration.Confidence(0.75, 0.2)], found.Select(lesion => lesion.Confidence));
        Lesion left = Assert.Single(Lesion.Find(all.WithLargestOnly(), all, Probability, calibration));
        Assert.Equal(found[0].Confidence, left.Confidence);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(14)]
    [InlineData(16)]
    public void There_is_one_probability_for_each_pixel(int count) =>
        Assert.Throws<ArgumentException>(() => Lesion.Find(Two, new float[count]));

    [Fact]
    public void Box_and_contour_are_arrays_in_json()
    {
        Lesion lesion = Lesion.Find(Two, Probability)[1] with { Confidence = 1 };
        string json = JsonSerializer.Serialize(lesion, JsonSerializerOptions.Web);
        Assert.Equal("""{"class":2,"area":1,"box":[0, 0, 1, 1],"contour":[[0, 0]],"mean_probability":0.75,"confidence":1}""", json);
        Lesion? read = JsonSerializer.Deserialize<Lesion>(json, JsonSerializerOptions.Web);
        Assert.Equal(lesion.Box, read?.Box);
        Assert.Equal(lesion.Contour, read?.Contour);
    }

    [Theory]
    [InlineData("[1]")]
    [InlineData("[1, 2, 3]")]
    [InlineData("[1, 2.5]")]
    [InlineData("[\"1\", 2]")]
    [InlineData("{\"x\": 1}")]
    public void A_position_of_another_form_is_refused(string json) =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<PixelPosition>(json));
}
